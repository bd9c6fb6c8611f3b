#pragma once

#include "index/grown_segments.hpp"
#include "storage/rows.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace lodge {

/// What is to be written of a base: the segments that are new, one after the other, each in chunks of 1 MiB.
///
/// **Operation**: `next_segment` while it gives one; each gets an id from WRITER (`name`), then its chunks are taken.
class segment_writing {
public:
  /// @param stored The segments of the base that is to be replaced; those that are the same are not written again.
  segment_writing(storage::collection_id collection, index::grown_segments what,
                  const std::vector<storage::segment_record>& stored);

  /// Makes the bytes of the next new segment. False if there is none.
  result<bool> next_segment();
  /// Gives that segment its id.
  void name(std::uint64_t id);
  /// The next of its chunks, until there is none.
  std::optional<storage::chunk> next_chunk();

  /// All segments in their order, once all new ones are written; and what the base of this version is.
  const std::vector<storage::segment_record>& records() const { return records_; }
  index::grown_segments published(std::uint64_t version);

private:
  storage::collection_id collection_;
  index::grown_segments what_;
  /// A segment without an id is still to be written.
  std::vector<storage::segment_record> records_;
  // Of the segment that is being written:
  std::size_t place_ = 0;
  std::vector<std::uint8_t> bytes_;
  std::size_t chunks_taken_ = 0;
};

} // namespace lodge
