#include "tests/simulation/simulation.hpp"
#include "tests/support/files.hpp"

#include "storage/schema.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <unistd.h>

using namespace lodge;
using namespace lodge::test;

namespace {

std::uint32_t number_from(const char* variable, std::uint32_t otherwise) {
  const auto* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

/// Where files are in memory, if there is such a place.
std::filesystem::path quick_place() {
  const char* memory = "/dev/shm";
  return access(memory, W_OK) == 0 ? std::filesystem::path{memory} : std::filesystem::temp_directory_path();
}

struct outcome {
  std::string failure;
  std::uint64_t fingerprint = 0;
  std::uint64_t steps = 0;
};

/// Runs seeds, each on a fresh copy of an empty database.
class seeds {
public:
  seeds() {
    do_not_sleep_in_sqlite();
    must(storage::prepare_file(empty_, true));
  }

  outcome run(std::uint32_t seed, std::vector<std::string>* trace = nullptr) {
    const auto path = directory_.file("simulated.lodge");
    for (const auto* suffix : {"-wal", "-shm", "-lodge"})
      std::filesystem::remove(path + suffix);
    std::filesystem::copy_file(empty_, path, std::filesystem::copy_options::overwrite_existing);
    outcome made;
    simulation one{seed, path, trace};
    try {
      one.run();
    } catch (const std::exception& found) {
      made.failure = found.what();
    }
    made.fingerprint = one.fingerprint();
    made.steps = one.steps();
    return made;
  }

private:
  scratch_directory directory_{quick_place()};
  std::string empty_ = directory_.file("empty.lodge");
};

/// The failure, what led to it, and how to see it again.
std::string report(seeds& runner, std::uint32_t seed, const std::string& failure) {
  std::vector<std::string> trace;
  const auto again = runner.run(seed, &trace);
  const std::size_t shown = number_from("LODGE_SIMULATION_TRACE", 80);
  std::string text = "lodge differs from the model: seed " + std::to_string(seed) + ": " + failure;
  for (auto i = trace.size() - std::min(shown, trace.size()); i < trace.size(); ++i)
    text += "\n  " + trace[i];
  if (again.failure != failure)
    text += "\nbut its repetition ended with: " + again.failure;
  return text + "\nagain: LODGE_SIMULATION_SEED=" + std::to_string(seed) + " LODGE_SIMULATION_SEEDS=1"
    + " LODGE_SIMULATION_TRACE=1000000 test_simulation";
}

} // namespace

BOOST_AUTO_TEST_SUITE(simulation_of_processes)

BOOST_AUTO_TEST_CASE(a_seed_does_the_same_each_time) {
  seeds runner;
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    const auto first = runner.run(seed);
    std::vector<std::string> trace;
    const auto second = runner.run(seed, &trace);
    BOOST_TEST(first.fingerprint == second.fingerprint, "seed " << seed << " is another run the second time");
    BOOST_TEST(first.steps == second.steps);
  }
}

// LODGE_SIMULATION_SEED is the first seed, LODGE_SIMULATION_SEEDS says how many; 10,000 are the long form.
BOOST_AUTO_TEST_CASE(processes_on_one_file_do_what_the_model_does_in_every_schedule_and_with_every_kill) {
  seeds runner;
  const auto first = number_from("LODGE_SIMULATION_SEED", 1);
  const auto count = number_from("LODGE_SIMULATION_SEEDS", 200);
  std::uint64_t steps = 0;
  // One failure is shown with all that led to it, and of some more what they are.
  const auto shown_failures = number_from("LODGE_SIMULATION_FAILURES", 20);
  unsigned failures = 0;
  for (std::uint32_t seed = first; seed < first + count && failures < shown_failures; ++seed) {
    const auto done = runner.run(seed);
    steps += done.steps;
    if (done.failure.empty())
      continue;
    const auto shown =
      failures++ == 0 ? report(runner, seed, done.failure) : "seed " + std::to_string(seed) + ": " + done.failure;
    BOOST_ERROR(shown);
  }
  BOOST_TEST_MESSAGE(count << " seeds from " << first << ": " << steps << " steps of actors");
  BOOST_TEST(steps > count);
}

BOOST_AUTO_TEST_SUITE_END()
