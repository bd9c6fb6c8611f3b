#include "cli/row_import.hpp"

#include "cli/commands.hpp"

#include <map>
#include <xxhash.h>

namespace lodge::cli {

namespace {

constexpr std::chrono::seconds put_timeout{60};
constexpr std::uint64_t most_batch_bytes = std::uint64_t{16} << 20;

std::uint64_t bytes_of(const item& what) {
  return what.key.size() + what.metadata.size() + (what.vector ? what.vector->size() * sizeof(float) : 0);
}

/// Whether a put was refused for what one of its items is.
bool is_about_an_item(errc code) {
  switch (code) {
  case errc::dimension_mismatch:
  case errc::invalid_vector:
  case errc::invalid_key:
  case errc::invalid_metadata:
  case errc::too_large: return true;
  default: return false;
  }
}

} // namespace

result<void> row_import::take(source& from) {
  for (;;) {
    item row;
    const auto read = from.next(row);
    if (stop_.arrived() || read.what == met::end)
      return flush(from);
    if (read.what == met::row) {
      batch_bytes_ += bytes_of(row);
      batch_.push_back({std::move(row), from.number()});
    } else {
      // What was read before a bad row is good, and stays.
      if (!manner_.skip_bad || read.what == met::broken)
        if (auto flushed = flush(from); !flushed)
          return flushed;
      if (read.what == met::broken)
        return error{read.failure.code, from.place(from.number()) + ": " + read.failure.detail};
      if (auto passed = pass_over(from, from.number(), read.failure); !passed)
        return passed;
    }
    if (batch_.size() >= manner_.batch || batch_bytes_ >= most_batch_bytes)
      if (auto flushed = flush(from); !flushed)
        return flushed;
  }
}

result<void> row_import::open(const source& from) {
  if (collection_)
    return {};
  auto to_make = target_.options;
  if (!to_make.dimension)
    to_make.dimension = dimension_of_batch();
  const error no_dimension{errc::invalid_argument,
                           "none of the first rows has a vector to go by: give --dimension to make the collection '"
                             + target_.collection + "'"};
  auto opened = open_file(target_.file, to_make.dimension.has_value());
  if (!opened)
    return opened.error().code == errc::file_not_found && !to_make.dimension ? no_dimension : opened.error();
  db_ = *std::move(opened);
  // As it is, if it is there: the rows tell what a new one is to be, and not what one has to be.
  auto chosen = db_->collection(target_.collection);
  const auto is_new = !chosen && chosen.error().code == errc::collection_not_found;
  if (is_new && !to_make.dimension)
    return no_dimension;
  if (is_new) {
    if (auto passed = pass_over_misfits(from, to_make); !passed)
      return passed;
    if (batch_.empty())
      return {};
  }
  if (is_new || chosen)
    chosen = db_->collection(target_.collection, is_new ? to_make : target_.options);
  if (!chosen)
    return chosen.error();
  collection_ = *std::move(chosen);
  const auto items = collection_->size();
  if (!items)
    return items.error();
  stored_.emplace(*collection_, *items);
  return {};
}

/// The rows before the first that a new collection could take, so that none is made for bad rows alone.
result<void> row_import::pass_over_misfits(const source& from, const collection_options& to_make) {
  while (!batch_.empty() && batch_.front().what.vector) {
    const auto why = misfit(to_make, *batch_.front().what.vector);
    if (!why)
      break;
    if (auto passed = pass_over(from, batch_.front().number, why); !passed)
      return passed;
    batch_.erase(batch_.begin());
  }
  return {};
}

/// What most of the rows have, so that one broken row at the beginning does not decide; the first
/// of equals.
std::optional<std::uint32_t> row_import::dimension_of_batch() const {
  std::map<std::size_t, std::size_t> rows_of;
  for (const auto& row : batch_)
    if (row.what.vector && !misfit(target_.options, *row.what.vector))
      ++rows_of[row.what.vector->size()];
  std::optional<std::uint32_t> best;
  for (const auto& row : batch_)
    if (row.what.vector && rows_of[row.what.vector->size()] > (best ? rows_of[*best] : 0))
      best = static_cast<std::uint32_t>(row.what.vector->size());
  return best;
}

result<void> row_import::pass_over(const source& from, std::uint64_t number, const error& why) {
  const error named{why.code, from.place(number) + ": " + why.detail};
  if (!manner_.skip_bad)
    return named;
  ++counts_.bad;
  ++counts_.rows;
  if (manner_.on_bad)
    manner_.on_bad(named);
  return {};
}

result<void> row_import::flush(const source& from) {
  if (batch_.empty())
    return {};
  if (auto opened = open(from); !opened)
    return opened;
  if (!collection_)
    return {};
  auto batch = std::exchange(batch_, {});
  batch_bytes_ = 0;
  std::vector<numbered_item> to_put;
  for (auto& row : batch) {
    // What was put a moment ago is newer than what was stored in the beginning.
    const auto is_new = keys_.insert(XXH3_64bits(row.what.key.data(), row.what.key.size())).second;
    counts_.repeated += is_new ? 0 : 1;
    const auto present = is_new ? stored_->has(row.what) : result<bool>{false};
    if (!present)
      return present.error();
    if (*present) {
      ++counts_.present;
      ++counts_.rows;
    } else {
      to_put.push_back(std::move(row));
    }
  }
  auto done = put(from, to_put);
  if (manner_.on_batch)
    manner_.on_batch(counts_, from.bytes_read());
  return done;
}

result<void> row_import::put(const source& from, std::span<const numbered_item> rows) {
  if (rows.empty())
    return {};
  std::vector<item> items;
  for (const auto& row : rows)
    items.push_back(row.what);
  const auto done = collection_->put(std::move(items), put_timeout);
  if (done) {
    counts_.put += rows.size();
    counts_.rows += rows.size();
    return {};
  }
  if (!is_about_an_item(done.error().code))
    return error{done.error().code, "at " + from.place(rows.front().number) + ": " + done.error().detail};
  if (rows.size() == 1)
    return pass_over(from, rows.front().number, done.error());
  const auto half = rows.size() / 2;
  if (auto first = put(from, rows.first(half)); !first)
    return first;
  return put(from, rows.subspan(half));
}

} // namespace lodge::cli
