#include "observer.hpp"

#include "plan.hpp"

#include <algorithm>
#include <thread>

namespace general_test {

namespace {

constexpr std::chrono::microseconds pause{500};

} // namespace

lodge::result<std::vector<sight>> observe(const lodge::collection& things, std::int64_t until_ns) {
  const std::vector<std::vector<float>> query{query_of(0)};
  std::vector<sight> seen;
  while (now_ns() < until_ns) {
    const auto found = things.search(query, {.k = 1});
    if (!found)
      return found.error();
    if (seen.empty() || found->as_of.number > seen.back().number)
      seen.push_back({found->as_of.number, now_ns()});
    std::this_thread::sleep_for(pause);
  }
  return seen;
}

std::vector<double> latencies(const std::vector<change>& merged, const std::vector<sight>& seen) {
  std::vector<double> times;
  for (const auto& each : merged) {
    const auto first = std::ranges::lower_bound(seen, each.number, {}, &sight::number);
    if (first != seen.end())
      times.push_back(static_cast<double>(std::max<std::int64_t>(0, first->at_ns - each.at_ns)) / 1e6);
  }
  std::ranges::sort(times);
  return times;
}

} // namespace general_test
