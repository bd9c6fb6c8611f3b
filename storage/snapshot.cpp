#include "storage/snapshot.hpp"

#include "storage/collections.hpp"
#include "storage/manifest_text.hpp"
#include "storage/newest_number.hpp"
#include "storage/rows_by_label.hpp"
#include "storage/schema.hpp"
#include "storage/sqlite.hpp"
#include "storage/stored_segment.hpp"

#include <algorithm>

namespace lodge::storage {

class snapshot::state {
public:
  state(const std::string& path, collection_id wanted) : on(path, access::read), transaction(on) {
    require_known_format(on);
    number = newest_number(on);
    collection = require_collection(on, wanted);
    rows.emplace(on, collection.id, collection.info.dimension);
  }

  connection on;
  read_scope transaction;
  std::uint64_t number = 0;
  collection_row collection;
  std::optional<rows_by_label> rows;
};

snapshot::snapshot(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
snapshot::~snapshot() = default;

result<std::unique_ptr<snapshot>> snapshot::open(const std::string& path, collection_id collection) {
  return guarded([&] { return std::unique_ptr<snapshot>{new snapshot{std::make_unique<state>(path, collection)}}; });
}

std::uint64_t snapshot::number() const { return state_->number; }
const collection_row& snapshot::collection() const { return state_->collection; }

result<std::optional<manifest>> snapshot::base() {
  return guarded([&] { return read_manifest(state_->on, state_->collection.id, state_->number); });
}

result<std::vector<std::uint8_t>> snapshot::segment_bytes(const segment_record& segment) {
  return guarded([&] { return read_segment(state_->on, state_->collection.id, segment); });
}

result<std::vector<std::uint64_t>> snapshot::segment_labels(const segment_record& segment) {
  return guarded([&] {
    auto labels = read_segment_labels(state_->on, state_->collection.id, segment);
    if (std::ranges::adjacent_find(labels, std::ranges::greater_equal{}) != labels.end())
      throw failure{errc::base_corrupt, "the labels of segment " + std::to_string(segment.id) + " do not ascend"};
    return labels;
  });
}

result<std::vector<std::uint64_t>> snapshot::living_labels() {
  return guarded([&] {
    // By key: the index holds only the living, of this collection, and the labels beside them.
    statement query{state_->on,
                    "SELECT label FROM items INDEXED BY living_items"
                    " WHERE collection = ? AND died_at IS NULL"};
    query.with(state_->collection.id);
    std::vector<std::uint64_t> labels;
    while (query.step())
      labels.push_back(query.number(0));
    std::ranges::sort(labels);
    if (std::ranges::adjacent_find(labels) != labels.end())
      throw failure{errc::corrupt, "the index of the living names a row twice"};
    const auto& counted = state_->collection.info;
    if (labels.size() != counted.items)
      throw failure{errc::corrupt,
                    "the collection has " + std::to_string(labels.size()) + " living rows, it counted "
                      + std::to_string(counted.items)};
    // Whether that is so is seen in the rows themselves, when they are read.
    if (counted.items == counted.vectors)
      return labels;
    statement has_vector{state_->on, "SELECT has_vector FROM items WHERE label = ?"};
    std::erase_if(labels,
                  [&](std::uint64_t label) { return !has_vector.with(label).step() || has_vector.integer(0) == 0; });
    if (labels.size() != counted.vectors)
      throw failure{errc::corrupt,
                    "the collection has " + std::to_string(labels.size()) + " living rows with a vector, it counted "
                      + std::to_string(counted.vectors)};
    return labels;
  });
}

result<std::vector<death_seen>> snapshot::deaths_after(std::uint64_t number) {
  return guarded([&] {
    statement query{state_->on,
                    "SELECT died_at, label FROM items INDEXED BY dead_items"
                    " WHERE collection = ? AND died_at > ? AND died_at IS NOT NULL ORDER BY died_at"};
    query.with(state_->collection.id, number);
    std::vector<death_seen> deaths;
    while (query.step())
      deaths.push_back({query.number(0), query.number(1)});
    return deaths;
  });
}

result<void> snapshot::read_rows(std::span<const std::uint64_t> labels,
                                 const std::function<void(const row_seen&)>& each) {
  return guarded([&] { state_->rows->read(labels, each); });
}

} // namespace lodge::storage
