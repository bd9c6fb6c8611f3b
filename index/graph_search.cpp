#include "index/search.hpp"

#include <faiss/IndexHNSW.h>

#include <algorithm>

namespace lodge::index {

namespace {

/// Orders the frontier's heap, so that its front is the nearest.
bool farther(const candidate& a, const candidate& b) { return b < a; }

/// One search in one graph.
///
/// FAISS 1.7.3's own loop does not keep more candidates than the index was made for, stops early by a defect of its
/// heap, and cannot leave out the dead; so lodge walks FAISS's arrays itself.
class walk {
public:
  walk(const segment& where, distance_function distance, const label_set& dead, std::span<const float> query,
       std::size_t ef, search_scratch& scratch)
    : hnsw_(where.graph->links().hnsw),
      rows_(*where.rows.block),
      distance_(distance),
      dead_(dead),
      query_(query),
      ef_(ef),
      scratch_(scratch) {}

  void run() {
    scratch_.frontier.clear();
    scratch_.found.clear();
    scratch_.start(hnsw_.levels.size());
    auto nearest = candidate_of(hnsw_.entry_point);
    for (auto level = hnsw_.max_level; level > 0; --level)
      descend(level, nearest);
    scratch_.visit(static_cast<std::size_t>(nearest.node));
    meet(nearest);
    while (!scratch_.frontier.empty() && !is_settled(scratch_.frontier.front()))
      expand_nearest();
    std::ranges::sort_heap(scratch_.found);
  }

private:
  candidate candidate_of(int node) const {
    return {distance_(query_.data(), rows_.vector(static_cast<std::size_t>(node)), query_.size()), node};
  }

  template <class Function>
  void for_each_link(int node, int level, Function function) const {
    const auto first = hnsw_.offsets[static_cast<std::size_t>(node)];
    const auto* places = hnsw_.cum_nneighbor_per_level.data() + level;
    const auto begin = first + static_cast<std::size_t>(places[0]);
    const auto end = first + static_cast<std::size_t>(places[1]);
    for (auto i = begin; i < end && hnsw_.neighbors[i] >= 0; ++i)
      function(hnsw_.neighbors[i]);
  }

  /// Walks to the node of a level that has no nearer neighbour.
  void descend(int level, candidate& nearest) const {
    for (int from = -1; from != nearest.node;) {
      from = nearest.node;
      for_each_link(from, level, [&](int node) { nearest = std::min(nearest, candidate_of(node)); });
    }
  }

  bool is_settled(const candidate& next) const { return scratch_.found.size() >= ef_ && scratch_.found.front() < next; }

  void expand_nearest() {
    std::ranges::pop_heap(scratch_.frontier, farther);
    const auto from = scratch_.frontier.back().node;
    scratch_.frontier.pop_back();
    for_each_link(from, 0, [&](int node) {
      if (!scratch_.visit(static_cast<std::size_t>(node)))
        return;
      const auto seen = candidate_of(node);
      if (!is_settled(seen))
        meet(seen);
    });
  }

  void meet(const candidate& seen) {
    scratch_.frontier.push_back(seen);
    std::ranges::push_heap(scratch_.frontier, farther);
    if (dead_.contains(rows_.label(static_cast<std::size_t>(seen.node))))
      return;
    scratch_.found.push_back(seen);
    std::ranges::push_heap(scratch_.found);
    if (scratch_.found.size() > ef_) {
      std::ranges::pop_heap(scratch_.found);
      scratch_.found.pop_back();
    }
  }

  const faiss::HNSW& hnsw_;
  const row_block& rows_;
  distance_function distance_;
  const label_set& dead_;
  std::span<const float> query_;
  std::size_t ef_;
  search_scratch& scratch_;
};

} // namespace

void search_graph(const segment& where, distance_function distance, const label_set& dead, std::span<const float> query,
                  std::size_t ef, search_scratch& scratch) {
  walk{where, distance, dead, query, ef, scratch}.run();
}

} // namespace lodge::index
