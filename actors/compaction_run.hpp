#pragma once

#include "actors/base_takeover.hpp"
#include "actors/collection_reading.hpp"
#include "index/segment_growth.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace lodge {

/// What a compaction is to begin with.
struct compaction_start {
  std::string path;
  storage::collection_id collection = 0;
  collection_info info;
  /// The collection in memory; null if it is not.
  index::view_ptr in_memory;
  /// The version of the base that the segments are to grow from.
  std::uint64_t base = 0;
};

/// Makes segments that cover all of a collection, slice by slice.
///
/// **Operation**: `step` until `done`, then `take`. It lets the view in memory grow, if that grew from the right base;
/// else that base is taken over first; without a view the file is read.
class compaction_run {
public:
  compaction_run(compaction_start from, index::growth_options options);

  /// A slice of some ten milliseconds.
  result<void> step();
  bool done() const { return growth_ && growth_->done(); }
  /// The graph that is being built, on which others may work between two steps; null if there is none now.
  std::shared_ptr<index::graph_builder> building() const { return growth_ ? growth_->building() : nullptr; }
  /// "reading", "building 40 %".
  std::string progress() const;

  /// Segments without an id are new.
  index::grown_segments take() { return growth_->take(); }

private:
  result<void> take_over();
  void begin_reading();
  result<void> read();

  compaction_start from_;
  index::growth_options options_;
  std::unique_ptr<base_takeover> takeover_;
  // Both until all is read.
  std::unique_ptr<collection_reading> reading_;
  std::optional<index::view_builder> read_so_far_;
  std::optional<index::segment_growth> growth_;
};

} // namespace lodge
