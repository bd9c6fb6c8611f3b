#include "tests/faults/engine_script.hpp"
#include "tests/faults/recording.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::size_t short_stride = 3;

/// A run by actors; the states are what each key may hold, while calls are under way and after their answers.
recording<possibilities> recorded_run() {
  recording<possibilities> run{{}};
  engine_script script{1};
  script.on_change = [&](const possibilities& now) { run.note(now); };
  script.run();
  run.end();
  return run;
}

} // namespace

BOOST_AUTO_TEST_SUITE(engine_power_loss)

BOOST_AUTO_TEST_CASE(after_a_power_loss_the_database_opens_with_all_that_was_answered_and_goes_on) {
  const auto run = recorded_run();
  const auto cuts = power_cuts(run.events, short_stride);
  for (const auto& each : cuts)
    BOOST_TEST_CONTEXT("survival " << static_cast<int>(each.how) << ", LODGE_POWER_CUT=" << each.at
                                   << " LODGE_POWER_CUT_SEED=" << each.seed) {
      engine_script after{each.seed, run.states[run.state_before(each.at)], [&](const auto& directory) {
                            std::mt19937 random{each.seed};
                            lay_out_after_power_loss(run.events, each.at, each.how, random, directory);
                          }};
      after.verify();
    }
  BOOST_TEST_MESSAGE(cuts.size() << " cuts in " << run.events.size() << " events");
}

BOOST_AUTO_TEST_SUITE_END()
