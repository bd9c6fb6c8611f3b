#pragma once

#include "index/kernels.hpp"
#include "index/link_lists.hpp"
#include "index/row_pages.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace lodge::index {

/// A node of a graph and its distance from the query.
struct candidate {
  float distance = 0;
  int node = 0;

  friend auto operator<=>(const candidate&, const candidate&) = default;
};

/// Memory that walks of one thread use again and again.
class walk_scratch {
public:
  /// Forgets which of `nodes` nodes were visited, in O(1) but for every 65,535th call.
  void start(std::size_t nodes);
  /// Whether the node was not visited since `start`.
  bool visit(std::size_t node) {
    if (visits_[node] == round_)
      return false;
    visits_[node] = round_;
    return true;
  }

  /// Met and not yet gone on from; a heap, the nearest in front.
  std::vector<candidate> frontier;
  /// What the walk is for; a heap, the farthest in front.
  std::vector<candidate> found;
  /// Neighbours whose distance is not known yet.
  std::vector<int> next;
  /// Nodes of the level that were compared.
  std::size_t visited = 0;
  /// A row that others are compared with, and a second one, in the form of queries.
  std::vector<std::byte> query;
  std::vector<std::byte> other_query;

private:
  std::vector<std::uint16_t> visits_;
  std::uint16_t round_ = 0;
};

/// The walk through one graph towards one query.
///
/// Algorithm 2 of Malkov and Yashunin (2016), on FAISS's arrays: neighbours that were not visited are gathered and
/// fetched ahead, and their distances taken four at a time.
class graph_walk {
public:
  graph_walk(const link_lists& links, const row_pages& rows, const kernels& distances, const void* query,
             walk_scratch& scratch)
    : links_(links), rows_(rows), distances_(distances), query_(query), scratch_(scratch) {}

  candidate candidate_of(int node) const {
    return {distances_.one(query_, rows_.vector(static_cast<std::size_t>(node)), rows_.layout().dimension), node};
  }

  /// The nearest node that greedy steps reach on the levels from the highest down to one above `level`.
  candidate descend_to(int level);

  /// Best-first search of one level from a node, until `ef` nodes that `admits` are found and none nearer is in reach.
  ///
  /// @param most_visited After so many nodes it gives up.
  /// @returns Whether it came to its end; `scratch.found` is a heap of at most `ef` nodes.
  template <class Admits>
  bool search_level(candidate from, int level, std::size_t ef, Admits admits, std::size_t most_visited) {
    scratch_.frontier.clear();
    scratch_.found.clear();
    scratch_.start(links_.size);
    scratch_.visit(static_cast<std::size_t>(from.node));
    auto& visited = scratch_.visited;
    visited = 1;
    meet(from, ef, admits);
    while (!scratch_.frontier.empty() && !is_settled(scratch_.frontier.front(), ef)) {
      if (visited > most_visited)
        return false;
      std::ranges::pop_heap(scratch_.frontier, std::greater{});
      const auto node = scratch_.frontier.back().node;
      scratch_.frontier.pop_back();
      visited += gather(node, level);
      for_each_distance([&](candidate seen) {
        if (!is_settled(seen, ef))
          meet(seen, ef, admits);
      });
    }
    return true;
  }

private:
  static constexpr std::size_t rows_ahead = 8;

  bool is_settled(const candidate& next, std::size_t ef) const {
    return scratch_.found.size() >= ef && scratch_.found.front() < next;
  }

  template <class Admits>
  void meet(const candidate& seen, std::size_t ef, Admits& admits) {
    scratch_.frontier.push_back(seen);
    std::ranges::push_heap(scratch_.frontier, std::greater{});
    if (!admits(static_cast<std::size_t>(seen.node)))
      return;
    if (scratch_.found.size() == ef) {
      std::ranges::pop_heap(scratch_.found);
      scratch_.found.back() = seen;
    } else {
      scratch_.found.push_back(seen);
    }
    std::ranges::push_heap(scratch_.found);
  }

  /// Has the processor fetch the vectors of some of the next nodes, or a node's links, before they are needed.
  void fetch(std::size_t from, std::size_t until) const;
  void fetch_links(int node, int level) const;
  /// Makes the neighbours that were not visited yet the next ones.
  std::size_t gather(int node, int level);

  /// Of the next nodes, four at a time; the last of them is compared again where a four is not full.
  template <class Function>
  void for_each_distance(Function function) const {
    const auto& next = scratch_.next;
    fetch(0, rows_ahead);
    for (std::size_t i = 0; i < next.size(); i += 4) {
      fetch(i + rows_ahead, i + rows_ahead + 4);
      const auto count = std::min(next.size() - i, std::size_t{4});
      if (count == 1)
        return function(candidate_of(next[i]));
      const void* rows[4];
      float distances[4];
      for (std::size_t j = 0; j < 4; ++j)
        rows[j] = rows_.vector(static_cast<std::size_t>(next[i + std::min(j, count - 1)]));
      distances_.four(query_, rows, rows_.layout().dimension, distances);
      for (std::size_t j = 0; j < count; ++j)
        function(candidate{distances[j], next[i + j]});
    }
  }

  const link_lists& links_;
  const row_pages& rows_;
  const kernels& distances_;
  const void* query_;
  walk_scratch& scratch_;
};

} // namespace lodge::index
