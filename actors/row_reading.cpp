#include "actors/row_reading.hpp"

#include "index/kernels.hpp"

#include <algorithm>
#include <cstring>

namespace lodge {

namespace {
constexpr std::size_t rows_a_step = 4'096;
}

row_reading::row_reading(storage::snapshot& from, std::vector<std::uint64_t> labels)
  : from_(from),
    labels_(std::move(labels)),
    rows_(std::make_shared<index::row_block>(from.collection().info.dimension, labels_.size())) {}

result<void> row_reading::step() {
  const auto first = rows_->size();
  const auto count = std::min(rows_a_step, labels_.size() - first);
  return from_.read_rows(std::span{labels_}.subspan(first, count), [&](const storage::row_seen& row) {
    const auto place = rows_->next_vector();
    std::memcpy(place.data(), row.vector.data(), row.vector.size());
    index::prepare(from_.collection().info.metric, place);
    rows_->append_filled(row.label, row.key);
  });
}

} // namespace lodge
