#pragma once

#include <lodge/error.hpp>

#include "storage/rows.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lodge::storage {

/// The end of a row, by the change that brought it.
struct death_seen {
  std::uint64_t number = 0;
  std::uint64_t label = 0;
};

/// One read transaction over a collection, held open for a long read: what LOADER and COMPACTOR work from.
///
/// **Concurrency**: one user at a time. **Limits**: while it is open, the WAL cannot be reset.
class snapshot {
public:
  /// Fails with errc::collection_dropped if it is not there any more.
  static result<std::unique_ptr<snapshot>> open(const std::string& path, collection_id collection);
  ~snapshot();

  /// The change as of which everything is read.
  std::uint64_t number() const;
  const collection_row& collection() const;

  /// None without a base; errc::base_corrupt if its row is damaged.
  result<std::optional<manifest>> base();
  /// The labels of a segment, ascending, without reading its graph. errc::base_corrupt as `segment_bytes`, or if they
  /// do not ascend.
  result<std::vector<std::uint64_t>> segment_labels(const segment_record& segment);
  /// The bytes of a segment, each chunk's checksum verified. errc::base_corrupt if one is missing or damaged.
  result<std::vector<std::uint8_t>> segment_bytes(const segment_record& segment);

  /// Labels of all living rows that have a vector, ascending. errc::corrupt if they are not as many as were counted.
  result<std::vector<std::uint64_t>> living_labels();
  /// Rows that died after a number, whatever the log still has of them.
  result<std::vector<death_seen>> deaths_after(std::uint64_t number);
  /// Calls `each` for the rows of these labels, in their order, each verified by its checksums.
  /// errc::corrupt if one is missing or damaged. Quickest for ascending labels (`rows_by_label`).
  result<void> read_rows(std::span<const std::uint64_t> labels, const std::function<void(const row_seen&)>& each);

private:
  class state;
  explicit snapshot(std::unique_ptr<state> opened);
  std::unique_ptr<state> state_;
};

} // namespace lodge::storage
