#pragma once

#include "cli/interruption.hpp"

#include <lodge/check.hpp>
#include <lodge/database.hpp>

#include <functional>

namespace lodge::cli {

/// How many vectors did not find themselves.
struct self_search {
  std::uint64_t vectors = 0;
  /// By the graph, which is approximate; by comparing with all, which cannot miss in a sound file.
  std::uint64_t missed_by_graph = 0;
  std::uint64_t missed_by_exact = 0;
  /// One of those that exact search missed, or else one of the others.
  std::string example = {};
};

/// Searches every live vector of a collection by itself.
///
/// **Operation**: the own key is to be among the hits. Where as many others are as near, the last hit need only be as
/// near as the item is to itself; for the inner product that is its squared length. What the graph misses is
/// searched for once more by exact search.
///
/// @param on_batch Told how many were searched.
result<self_search> search_each_by_itself(const collection& chosen, const interruption& stop,
                                          const std::function<void(std::uint64_t)>& on_batch);

/// What it means: misses by the graph alone are within what approximate search may do, and are no damage.
finding finding_of(const std::string& collection, const self_search& seen);

} // namespace lodge::cli
