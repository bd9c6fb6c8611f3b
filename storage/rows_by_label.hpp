#pragma once

#include "storage/rows.hpp"
#include "storage/sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace lodge::storage {

/// Whether labels ascend, and are at least half of all numbers from their first to their last.
bool lie_close_together(std::span<const std::uint64_t> labels);

/// Rows of one collection, with their vectors, by label.
///
/// **Operation**: in stretches of 128 labels. Where they lie close together, two cursors walk `items` and `vectors`
/// side by side: each page is read once, and no more rows of others are passed over than are wanted. Other rows are
/// looked up one by one, which takes about three times as long for each.
class rows_by_label {
public:
  rows_by_label(connection& on, collection_id collection, std::size_t dimension);

  /// Calls `each` for each label, in their order. Throws `failure` with errc::corrupt at the first row that is
  /// missing, damaged, without a vector, or of another collection.
  void read(std::span<const std::uint64_t> labels, const std::function<void(const row_seen&)>& each);

private:
  void walk(std::span<const std::uint64_t> labels, const std::function<void(const row_seen&)>& each);
  void look_up(std::uint64_t label, const std::function<void(const row_seen&)>& each);

  collection_id collection_;
  std::size_t dimension_;
  statement items_;
  statement vectors_;
  statement by_label_;
};

} // namespace lodge::storage
