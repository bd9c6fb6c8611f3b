#pragma once

#include "index/grown_segments.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace lodge::test {

/// The first `count` rows of a block as the rows of a segment.
inline index::row_pages_ptr pages_of(index::row_block_ptr block, std::size_t count) {
  return std::make_shared<const index::row_pages>(std::vector<index::row_range>{{std::move(block), 0, count}});
}

inline index::row_pages_ptr pages_of(const index::row_block_ptr& block) { return pages_of(block, block->size()); }

/// A float32 row of values, and its values.
inline std::span<const std::byte> row_of(const std::vector<float>& values) { return std::as_bytes(std::span{values}); }
inline const float* values_of(const std::byte* row) { return reinterpret_cast<const float*>(row); }
inline float* values_of(std::span<std::byte> row) { return reinterpret_cast<float*>(row.data()); }

/// Segments of which every row lives.
inline index::grown_segments grown(std::uint64_t covers, const std::vector<index::segment>& segments) {
  index::grown_segments made{covers, 0, {}, {}};
  for (const auto& each : segments)
    made.segments.push_back({each, each.rows->size()});
  return made;
}

} // namespace lodge::test
