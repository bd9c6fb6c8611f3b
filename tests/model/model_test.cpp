#include "tests/model/model_run.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

using namespace lodge;
using namespace lodge::test;

namespace {

/// LODGE_MODEL_SEED and LODGE_MODEL_STEPS choose another run.
std::uint32_t number_from(const char* variable, std::uint32_t otherwise) {
  const auto* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

std::uint32_t seed() { return number_from("LODGE_MODEL_SEED", 1); }

/// So few changes that a run has hundreds of compactions.
database_options often_compacting() {
  database_options options;
  options.auto_compaction = {40, 0, 15};
  options.largest_segment = 100;
  options.searchers = 2;
  return options;
}

void check(std::unique_ptr<front_end> engine, std::uint32_t steps) {
  model_run run{seed(), std::move(engine)};
  try {
    run.run(number_from("LODGE_MODEL_STEPS", steps));
  } catch (const model_run::difference& found) {
    BOOST_FAIL(found.what());
  }
  BOOST_TEST_MESSAGE("seed " << seed() << ": recall " << run.recall() << ", " << run.compactions()
                             << " compactions of one collection");
  BOOST_TEST(run.recall() >= 0.95);
  BOOST_TEST(run.compactions() > 0u);
}

} // namespace

BOOST_AUTO_TEST_SUITE(model)

BOOST_AUTO_TEST_CASE(lodge_by_blocking_calls_does_what_the_model_does) {
  check(make_facade_front_end(often_compacting()), 1'200);
}

BOOST_AUTO_TEST_CASE(lodge_by_messages_in_a_shuffled_schedule_does_what_the_model_does) {
  check(make_message_front_end(often_compacting(), seed()), 1'200);
}

BOOST_AUTO_TEST_SUITE_END()
