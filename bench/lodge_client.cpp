#include "bench/lodge_client.hpp"

#include "bench/fail.hpp"

#include <chrono>
#include <thread>

namespace lodge::bench {

namespace {

constexpr std::chrono::seconds patience{60};

} // namespace

void load_fully(const collection& of) {
  of.search(std::vector<float>(of.info().or_exit().dimension, 1.0F), {.k = 1}).or_exit();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto seen = of.stats().or_exit();
    if (seen.graph_vectors == seen.vectors && seen.vectors > 0)
      return;
    if (std::chrono::steady_clock::now() > deadline)
      fail("lodge searches " + std::to_string(seen.graph_vectors) + " of " + std::to_string(seen.vectors)
           + " vectors through the graph, 60 s after opening");
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

} // namespace lodge::bench
