#include "actors/row_reading.hpp"

#include <algorithm>
#include <new>
#include <string>

namespace lodge {

namespace {
constexpr std::size_t rows_a_step = 4'096;
}

row_reading::row_reading(storage::snapshot& from, std::vector<std::uint64_t> labels, index::view_ptr known)
  : from_(from),
    labels_(std::move(labels)),
    known_(std::move(known)),
    writer_({from.collection().info.dimension, from.collection().info.vector_form}, labels_.size()),
    vectors_(from.collection().info.metric, from.collection().info.vector_form) {}

result<std::unique_ptr<row_reading>> row_reading::begin(storage::snapshot& from, std::vector<std::uint64_t> labels,
                                                        index::view_ptr known) {
  // A vector that has not the collection's dimension is met here, and not after room was made for so many of it.
  if (auto first = from.read_rows(std::span{labels}.first(labels.empty() ? 0 : 1), [](const storage::row_seen&) {});
      !first)
    return first.error();
  return std::unique_ptr<row_reading>{new row_reading{from, std::move(labels), std::move(known)}};
}

result<void> row_reading::step() {
  try {
    const auto end = std::min(writer_.size() + rows_a_step, labels_.size());
    while (writer_.size() < end) {
      if (known_ && writer_.at_page() && share_page())
        continue;
      const auto first = writer_.size();
      if (known_ && copy_known(labels_[first]))
        continue;
      const auto count = known_ ? 1 : end - first;
      if (auto done = read(std::span{labels_}.subspan(first, count)); !done)
        return done;
    }
    if (end == labels_.size())
      rows_ = writer_.take();
    return {};
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory,
                 "for " + std::to_string(labels_.size()) + " vectors of "
                   + std::to_string(from_.collection().info.dimension) + " values"};
  }
}

/// The next page, if some segment has one of the very same rows.
bool row_reading::share_page() {
  const auto labels = std::span{labels_}.subspan(writer_.size());
  if (labels.size() < writer_.page())
    return false;
  for (const auto& part : known_->segments)
    for (const auto& page : part.rows.rows->pages())
      if (page.count == writer_.page() && page.block->label(page.first) == labels.front()
          && std::equal(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(page.count),
                        page.block->labels() + page.first)) {
        writer_.share(page);
        return true;
      }
  return false;
}

bool row_reading::copy_known(std::uint64_t label) {
  const auto place = index::find(*known_, label);
  if (place)
    writer_.append(label, place->block->key(place->row), place->block->vector(place->row));
  return place.has_value();
}

result<void> row_reading::read(std::span<const std::uint64_t> labels) {
  return from_.read_rows(labels, [&](const storage::row_seen& row) {
    vectors_.write_row(row.vector.data(), from_.collection().info.dimension, writer_.next_vector().data());
    writer_.append_filled(row.label, row.key);
    if (row.died_at != 0)
      dead_.push_back({row.died_at, row.label});
  });
}

} // namespace lodge
