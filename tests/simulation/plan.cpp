#include "tests/simulation/plan.hpp"

namespace lodge::test {

plan make_plan(std::mt19937& random) {
  const auto one_of = [&](auto... choices) {
    const std::common_type_t<decltype(choices)...> all[] = {choices...};
    return all[random() % sizeof...(choices)];
  };
  plan made;
  made.processes = one_of(2U, 2U, 3U);
  made.keys = static_cast<std::uint32_t>(8 + random() % 50);
  made.events = one_of(40U, 80U, 120U);
  made.steps_between = one_of(3U, 10U, 25U);
  made.part_kills = one_of(0U, 0U, 20U, 80U);
  made.process_kills = one_of(0U, 15U, 40U);
  made.closings = one_of(0U, 10U, 25U);
  made.drops = one_of(0U, 0U, 15U);
  made.compactions = one_of(10U, 30U, 80U);
  made.clock_ticks = one_of(30U, 100U, 200U);
  made.checkpoints = one_of(0U, 10U);
  for (auto& weight : made.weights)
    weight = one_of(8U, 8U, 8U, 8U, 1U);
  made.options = scheduled_options();
  made.options.searchers = one_of(1U, 2U);
  made.options.poll_interval = one_of(0ms, 250ms, 250ms);
  made.options.auto_compaction = {one_of(0U, 5U, 15U), 0, one_of(0U, 3U, 9U)};
  made.options.largest_segment = one_of(2'000'000U, 1'000U, 12U);
  made.options.build_workers = one_of(1U, 2U, 3U);
  return made;
}

} // namespace lodge::test
