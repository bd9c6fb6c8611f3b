#pragma once

#include <lodge/types.hpp>

#include "index/graph.hpp"
#include "index/label_set.hpp"
#include "index/row_block.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace lodge::index {

/// An immutable part of the base: rows in the order of their labels, and the graph over them.
struct segment {
  std::uint64_t id = 0;
  row_range rows;
  /// Null until it was read; the rows are scanned meanwhile.
  std::shared_ptr<const lodge::index::graph> graph;
};

/// What a search sees: which labels live after the first `number` changes, and where their vectors are.
///
/// **Concurrency**: immutable to whoever holds it; the holder writes only beyond the counts given here.
struct view {
  std::uint64_t number = 0;
  lodge::metric metric = metric::l2;
  std::size_t dimension = 0;
  /// The segments and how many of their rows live.
  struct part {
    segment rows;
    std::size_t living = 0;
  };
  std::vector<part> segments;
  /// Rows after the segments, in the order of their labels.
  std::vector<row_range> delta;
  label_set dead;
  /// Living rows in all.
  std::size_t living = 0;
};

using view_ptr = std::shared_ptr<const view>;

} // namespace lodge::index
