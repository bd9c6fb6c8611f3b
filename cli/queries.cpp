#include "cli/queries.hpp"

#include "cli/formats/float_text.hpp"
#include "cli/source.hpp"

namespace lodge::cli {

namespace {

/// Values handed on at once.
constexpr std::size_t batch_values = std::size_t{1} << 20;

class query_batches {
public:
  explicit query_batches(const std::function<void(std::vector<query>&)>& take) : take_(take) {}

  void add(query what) {
    values_ += what.vector.size();
    batch_.push_back(std::move(what));
    if (values_ >= batch_values)
      flush();
  }
  void flush() {
    if (!batch_.empty())
      take_(batch_);
    batch_.clear();
    values_ = 0;
  }

private:
  const std::function<void(std::vector<query>&)>& take_;
  std::vector<query> batch_;
  std::size_t values_ = 0;
};

result<query> query_like(const collection& in, const std::string& key) {
  auto item = in.get(key);
  if (!item)
    return item.error();
  if (!item->vector)
    return error{errc::invalid_argument, "the item has no vector"};
  return query{.label = key, .itself = true, .vector = *std::move(item->vector), .place = "'" + key + "'"};
}

} // namespace

result<void> read_queries(const query_options& options, const collection& in,
                          const std::function<void(std::vector<query>&)>& take,
                          const std::function<void(const query&, const error&)>& refuse) {
  if (options.empty())
    return error{errc::invalid_argument, "what is to be searched for? Give keys, --vector, --queries or --text"};
  query_batches batches{take};
  const auto refuse_in_order = [&](const query& what, const error& why) {
    batches.flush();
    refuse(what, why);
  };
  for (const auto* keys : {&options.keys_by_option, &options.keys})
    for (const auto& key : *keys) {
      if (auto made = query_like(in, key))
        batches.add(*std::move(made));
      else
        refuse_in_order({.label = key, .itself = true, .place = "'" + key + "'"}, made.error());
    }
  if (!options.vector.empty()) {
    auto values = floats_from(options.vector);
    if (!values)
      return values.error();
    batches.add({.label = "vector", .vector = *std::move(values), .place = "--vector"});
  }
  if (options.path.empty()) {
    batches.flush();
    return {};
  }
  auto from = source::open({.path = options.path, .format_name = options.format, .without_keys = true}, nullptr);
  if (!from)
    return from.error();
  item row;
  std::uint64_t rows = 0;
  for (auto read = from->next(row); read.what != met::end; read = from->next(row)) {
    query next{.label = row.key.empty() ? std::to_string(rows) : row.key,
               .is_number = row.key.empty(),
               .place = from->place(from->number())};
    ++rows;
    if (read.what == met::broken) {
      batches.flush();
      return error{read.failure.code, next.place + ": " + read.failure.detail};
    }
    if (read.what == met::bad_row) {
      refuse_in_order(next, read.failure);
    } else if (!row.vector) {
      refuse_in_order(next, {errc::invalid_argument, "there is no vector to search for"});
    } else {
      next.vector = *std::move(row.vector);
      batches.add(std::move(next));
    }
  }
  batches.flush();
  return {};
}

} // namespace lodge::cli
