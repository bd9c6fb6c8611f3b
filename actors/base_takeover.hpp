#pragma once

#include "actors/row_reading.hpp"
#include "index/grown_segments.hpp"
#include "storage/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge {

/// Takes over the published base, slice by slice: its links, and of the vectors only those that are not in memory.
///
/// **Operation**: `step` until it says that there is no more; then `take`.
class base_takeover {
public:
  /// @param known The collection in memory.
  base_takeover(std::string path, storage::collection_id collection, index::view_ptr known);

  /// errc::base_corrupt if the base cannot be used.
  result<bool> step();

  /// Nothing if there is no base, or one that covers more than what is known in memory.
  std::optional<index::grown_segments> take() { return std::move(made_); }

private:
  result<void> open();
  result<void> begin_segment();
  result<void> end_segment();
  result<void> check_coverage();

  std::string path_;
  storage::collection_id collection_;
  index::view_ptr known_;
  std::unique_ptr<storage::snapshot> file_;
  std::vector<storage::segment_record> records_;
  std::size_t records_done_ = 0;
  std::vector<std::uint8_t> bytes_;
  std::unique_ptr<row_reading> reading_;
  std::optional<index::grown_segments> made_;
  bool checked_ = false;
};

} // namespace lodge
