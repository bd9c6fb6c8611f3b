#include "index/graph_walk.hpp"

#include <hwy/cache_control.h>

namespace lodge::index {

namespace {

constexpr std::size_t cache_line = 64;
/// Of a longer row the processor fetches the rest by itself.
constexpr std::size_t lines_ahead = 8;

void fetch_ahead(const float* row, std::size_t dimension) {
  const auto* bytes = reinterpret_cast<const char*>(row);
  const auto end = std::min(dimension * sizeof(float), lines_ahead * cache_line);
  for (std::size_t at = 0; at < end; at += cache_line)
    hwy::Prefetch(bytes + at);
}

} // namespace

void walk_scratch::start(std::size_t nodes) {
  if (visits_.size() < nodes)
    visits_.resize(nodes, 0);
  if (++round_ == 0) {
    std::ranges::fill(visits_, std::uint16_t{0});
    round_ = 1;
  }
}

candidate graph_walk::descend_to(int level) const {
  auto nearest = candidate_of(links_.entry);
  for (auto on = links_.highest_level; on > level; --on)
    for (int from = -1; from != nearest.node;) {
      from = nearest.node;
      for (const auto node : links_.all(from, on)) {
        if (node < 0)
          break;
        nearest = std::min(nearest, candidate_of(node));
      }
    }
  return nearest;
}

std::size_t graph_walk::gather(int node, int level) {
  auto& next = scratch_.next;
  next.clear();
  for (const auto link : links_.all(node, level)) {
    if (link < 0)
      break;
    if (!scratch_.visit(static_cast<std::size_t>(link)))
      continue;
    fetch_ahead(rows_.vector(static_cast<std::size_t>(link)), rows_.dimension());
    next.push_back(link);
  }
  return next.size();
}

} // namespace lodge::index
