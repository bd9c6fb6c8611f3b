#pragma once

#include "index/graph_walk.hpp"
#include "index/view.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
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

  friend auto operator<=>(const neighbour&, const neighbour&) = default;
};

/// What is asked of one search.
struct search_parameters {
  std::size_t k = 10;
  /// Candidates that the graph search keeps, at least k.
  std::size_t ef = 100;
  bool exact = false;
};

/// Memory that searches of one thread use again and again.
struct search_scratch : walk_scratch {
  /// Living rows, where they are in their block, and their distances to some queries.
  std::vector<const float*> rows;
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

/// The min(k, living) nearest living rows, nearest first: exactly those if asked for or if the graph gives too few.
/// For many queries or in slices: `search_run`.
///
/// @param query `dimension` finite values as the user gave them (not zero under cosine).
std::vector<neighbour> search(const view& where, std::span<const float> query, const search_parameters& parameters,
                              search_scratch& scratch);

/// Best-first search in the graph of a segment. `ef` counts only what is admitted.
///
/// @param query Prepared for the metric.
/// @returns Whether it came to its end. It gives up once it has visited half of the nodes (and 2 ef): a scan of all, in
/// the order of memory, takes no longer. `scratch.found` has at most `ef` admitted nodes, nearest first.
/// Algorithms 2 and 5 of Malkov and Yashunin (2016).
bool search_graph(const segment& where, const kernels& distances, const admission& admitted,
                  std::span<const float> query, std::size_t ef, search_scratch& scratch);

} // namespace lodge::index
