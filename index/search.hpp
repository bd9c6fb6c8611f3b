#pragma once

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

/// A node of a graph and its distance from the query.
struct candidate {
  float distance = 0;
  int node = 0;

  friend auto operator<=>(const candidate&, const candidate&) = default;
};

/// Memory that searches of one thread use again and again.
class search_scratch {
public:
  /// Forgets which of `nodes` nodes were visited, in O(1) but for every 65,535th call.
  void start(std::size_t nodes);
  /// Whether the node was not visited since `start`.
  bool visit(std::size_t node);

  std::vector<candidate> frontier;
  std::vector<candidate> found;
  std::vector<float> query;

private:
  std::vector<std::uint16_t> visits_;
  std::uint16_t round_ = 0;
};

/// The min(k, living) nearest living rows, nearest first: exactly those if asked for or if the graph gives too few.
///
/// @param query `dimension` finite values as the user gave them (not zero under cosine).
std::vector<neighbour> search(const view& where, std::span<const float> query, const search_parameters& parameters,
                              search_scratch& scratch);

/// Best-first search in the graph of a segment. Dead rows are walked through but never found, so `ef` counts the
/// living.
///
/// @param query Prepared for the metric.
/// @returns At most `ef` living nodes in `scratch.found`, nearest first.
/// Algorithms 2 and 5 of Malkov and Yashunin (2016).
void search_graph(const segment& where, distance_function distance, const label_set& dead, std::span<const float> query,
                  std::size_t ef, search_scratch& scratch);

} // namespace lodge::index
