#include "index/search.hpp"

#include "index/search_run.hpp"

namespace lodge::index {

std::vector<neighbour> search(const view& where, std::span<const float> query, const search_parameters& parameters,
                              search_scratch& scratch) {
  search_run run{where, query, 1, parameters};
  while (!run.done())
    run.step(scratch);
  return run.take();
}

} // namespace lodge::index
