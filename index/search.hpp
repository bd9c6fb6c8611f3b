#pragma once

#include "index/graph_walk.hpp"
#include "index/view.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace lodge::index {

/// A living row near the query. Ordered by distance, then label: the order in which hits are given.
struct neighbour {
  float distance = 0;
  std::uint64_t label = 0;
  /// Lies in the view that was searched.
  std::string_view key = {};
  /// How far the distance may be from the true one, on either side; 0 but for rough vectors.
  float doubt = 0;

  friend auto operator<=>(const neighbour&, const neighbour&) = default;
};

/// The place of a hit in the order of hits.
struct rank {
  float distance = 0;
  std::uint64_t label = 0;

  friend auto operator<=>(const rank&, const rank&) = default;
};

/// Which rows may be hits, besides those that are nearer.
struct search_bounds {
  /// Those no farther than this, itself included; see `distance_at`.
  float farthest = std::numeric_limits<float>::infinity();
  /// Those that come after this hit.
  std::optional<rank> after = {};
  /// The number of hits that came up to it.
  std::size_t skipped = 0;
};

/// What is asked of one search.
struct search_parameters {
  std::size_t k = 10;
  /// Candidates that the graph search keeps, at least as many as hits are wanted; more if all are within the bound.
  std::size_t ef = 100;
  bool exact = false;
  search_bounds within = {};
  /// Only these may be hits. Null: all that live.
  const label_set* allowed = nullptr;
};

/// What was done in one part of a view.
struct part_work {
  /// Queries for which its graph was searched, and the nodes that were compared then.
  std::uint64_t graph_searches = 0;
  std::uint64_t visited = 0;
  /// Queries for which it was scanned, and the rows that each was compared with.
  std::uint64_t scans = 0;
  std::uint64_t scanned = 0;
};

/// Memory that searches of one thread use again and again.
struct search_scratch : walk_scratch {
  /// Living rows, where they are in their block, and their distances to some queries.
  std::vector<const void*> rows;
  std::vector<std::size_t> places;
  std::vector<float> distances;
};

/// Which labels may be found. The others are walked through all the same.
struct admission {
  const label_set& dead;
  /// Null: all.
  const label_set* allowed = nullptr;

  bool is_everything() const { return dead.empty() && allowed == nullptr; }
  bool operator()(std::uint64_t label) const {
    return !dead.contains(label) && (allowed == nullptr || allowed->contains(label));
  }
};

/// The min(k, n) nearest of the n living rows that are allowed and within the bounds, nearest first: exactly those if
/// asked for or if the graph gives too few.
/// For many queries or in slices: `search_run`.
///
/// Of rough vectors: those of which these may be, for `refinement` to choose from, the lowest possible distance first.
///
/// @param query `dimension` finite values as the user gave them (not zero under cosine).
std::vector<neighbour> search(const view& where, std::span<const float> query, const search_parameters& parameters,
                              search_scratch& scratch);

/// Best-first search in the graph of a segment. `ef` counts only what is admitted.
///
/// @param query In the form that the rows are compared with.
/// @param most_visited It gives up once it has visited so many nodes.
/// @returns Whether it came to its end. `scratch.found` has at most `ef` admitted nodes, nearest first;
/// `scratch.visited` counts the nodes. Algorithms 2 and 5 of Malkov and Yashunin (2016).
bool search_graph(const segment& where, const kernels& distances, const admission& admitted, const void* query,
                  std::size_t ef, std::size_t most_visited, search_scratch& scratch);

} // namespace lodge::index
