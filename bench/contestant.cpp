#include "bench/contestant.hpp"

#include "bench/fail.hpp"

#include <algorithm>

namespace lodge::bench {

std::vector<competitor> builders() {
  std::vector<competitor> all{lodge_competitor(), faiss_competitor()};
#ifdef LODGE_BENCH_HNSWLIB
  all.push_back(hnswlib_competitor());
#endif
  return all;
}

competitor builder_named(const std::string& name) {
  const auto all = builders();
  const auto found = std::ranges::find(all, name, &competitor::name);
  if (found == all.end())
    fail("there is no contestant '" + name + "', expected lodge, FAISS or hnswlib (if it was built with it)");
  return *found;
}

} // namespace lodge::bench
