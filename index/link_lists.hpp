#pragma once

#include <cstddef>
#include <span>

namespace lodge::index {

/// Where a graph's links lie in FAISS's arrays: a list for each node and level. What is not used of a list is -1.
struct link_lists {
  /// Nodes.
  std::size_t size;
  const std::size_t* offsets;
  const int* places_of_levels;
  const int* links;
  /// Where walks begin: a node of the highest level; -1 in an empty graph.
  int entry;
  int highest_level;

  /// The first place of a list in the array of all links.
  std::size_t place(int node, int level) const {
    return offsets[static_cast<std::size_t>(node)] + static_cast<std::size_t>(places_of_levels[level]);
  }
  /// Places in each list of a level.
  std::size_t capacity(int level) const {
    return static_cast<std::size_t>(places_of_levels[level + 1] - places_of_levels[level]);
  }
  /// A whole list, with what is not used.
  std::span<const int> all(int node, int level) const { return {links + place(node, level), capacity(level)}; }
};

} // namespace lodge::index
