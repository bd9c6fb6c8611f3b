#include "index/graph_walk.hpp"
#include "index/search.hpp"

#include <algorithm>

namespace lodge::index {

bool search_graph(const segment& where, const kernels& distances, const admission& admitted, const void* query,
                  std::size_t ef, std::size_t most_visited, search_scratch& scratch) {
  const auto links = where.graph->lists();
  const auto& rows = *where.rows;
  graph_walk walk{links, rows, distances, query, scratch};
  const auto from = walk.descend_to(0);
  const auto ended = admitted.is_everything()
    ? walk.search_level(
      from, 0, ef, [](std::size_t) { return true; }, most_visited)
    : walk.search_level(
      from, 0, ef, [&](std::size_t row) { return admitted(rows.label(row)); }, most_visited);
  std::ranges::sort_heap(scratch.found);
  return ended;
}

} // namespace lodge::index
