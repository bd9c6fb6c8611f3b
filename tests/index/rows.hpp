#pragma once

#include "index/grown_segments.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace lodge::test {

/// The first `count` rows of a block as the rows of a segment.
inline index::row_pages_ptr pages_of(index::row_block_ptr block, std::size_t count) {
  return std::make_shared<const index::row_pages>(std::vector<index::row_range>{{std::move(block), 0, count}});
}

inline index::row_pages_ptr pages_of(const index::row_block_ptr& block) { return pages_of(block, block->size()); }

/// Segments of which every row lives.
inline index::grown_segments grown(std::uint64_t covers, const std::vector<index::segment>& segments) {
  index::grown_segments made{covers, 0, {}, {}};
  for (const auto& each : segments)
    made.segments.push_back({each, each.rows->size()});
  return made;
}

} // namespace lodge::test
