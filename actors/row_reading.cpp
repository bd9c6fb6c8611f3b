#include "actors/row_reading.hpp"

#include "index/kernels.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

namespace lodge {

namespace {
constexpr std::size_t rows_a_step = 4'096;
}

row_reading::row_reading(storage::snapshot& from, std::vector<std::uint64_t> labels)
  : from_(from),
    labels_(std::move(labels)),
    rows_(std::make_shared<index::row_block>(from.collection().info.dimension, labels_.size())) {}

result<std::unique_ptr<row_reading>> row_reading::begin(storage::snapshot& from, std::vector<std::uint64_t> labels) {
  // A vector that has not the collection's dimension is met here, and not after room was made for so many of it.
  if (auto first = from.read_rows(std::span{labels}.first(labels.empty() ? 0 : 1), [](const storage::row_seen&) {});
      !first)
    return first.error();
  try {
    return std::unique_ptr<row_reading>{new row_reading{from, std::move(labels)}};
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory,
                 "for " + std::to_string(labels.size()) + " vectors of "
                   + std::to_string(from.collection().info.dimension) + " values"};
  }
}

result<void> row_reading::step() {
  const auto first = rows_->size();
  const auto count = std::min(rows_a_step, labels_.size() - first);
  return from_.read_rows(std::span{labels_}.subspan(first, count), [&](const storage::row_seen& row) {
    const auto place = rows_->next_vector();
    std::memcpy(place.data(), row.vector.data(), row.vector.size());
    index::prepare(from_.collection().info.metric, place);
    rows_->append_filled(row.label, row.key);
    if (row.died_at != 0)
      dead_.push_back({row.died_at, row.label});
  });
}

} // namespace lodge
