#include "index/graph_walk.hpp"

#include <hwy/cache_control.h>

namespace lodge::index {

namespace {

constexpr std::size_t cache_line = 64;
/// Of a longer row the processor fetches the rest by itself.
constexpr std::size_t lines_ahead = 8;

} // namespace

void walk_scratch::start(std::size_t nodes) {
  if (visits_.size() < nodes)
    visits_.resize(nodes, 0);
  if (++round_ == 0) {
    std::ranges::fill(visits_, std::uint16_t{0});
    round_ = 1;
  }
}

candidate graph_walk::descend_to(int level) {
  auto nearest = candidate_of(links_.entry);
  for (auto on = links_.highest_level; on > level; --on)
    for (int from = -1; from != nearest.node;) {
      from = nearest.node;
      const auto list = links_.all(from, on);
      scratch_.next.assign(list.begin(), std::ranges::find(list, -1));
      for_each_distance([&](candidate seen) { nearest = std::min(nearest, seen); });
    }
  return nearest;
}

void graph_walk::fetch(std::size_t from, std::size_t until) const {
  const auto end = std::min(rows_.layout().row_bytes(), lines_ahead * cache_line);
  for (auto i = from; i < std::min(until, scratch_.next.size()); ++i) {
    const auto* bytes = rows_.vector(static_cast<std::size_t>(scratch_.next[i]));
    for (std::size_t at = 0; at < end; at += cache_line)
      hwy::Prefetch(bytes + at);
    // A row begins anywhere in its first line.
    hwy::Prefetch(bytes + end - 1);
  }
}

void graph_walk::fetch_links(int node, int level) const {
  const auto list = links_.all(node, level);
  hwy::Prefetch(list.data());
  hwy::Prefetch(list.data() + list.size() / 2);
}

std::size_t graph_walk::gather(int node, int level) {
  auto& next = scratch_.next;
  next.clear();
  for (const auto link : links_.all(node, level)) {
    if (link < 0)
      break;
    if (!scratch_.visit(static_cast<std::size_t>(link)))
      continue;
    next.push_back(link);
  }
  // Where the walk most likely goes on.
  if (!scratch_.frontier.empty())
    fetch_links(scratch_.frontier.front().node, level);
  return next.size();
}

} // namespace lodge::index
