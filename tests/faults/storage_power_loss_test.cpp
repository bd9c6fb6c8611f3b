#include "tests/faults/storage_script.hpp"
#include "tests/support/file_shim.hpp"
#include "tests/support/files.hpp"
#include "tests/support/power_loss.hpp"

#include "storage/schema.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::test;

namespace {

/// A run of the script: what it did to the files, and what the file must have held after each answer.
struct recorded_run {
  std::vector<file_event> events;
  /// The answer `n` has the mark `n`; the first state is that of a file that is not there yet.
  std::vector<contents> states{1};

  recorded_run() {
    auto& shim = file_shim::installed();
    shim.heal();
    const scratch_directory directory;
    storage_script script{directory.file()};
    script.on_error = [](const std::string& step, const error& why) { BOOST_ERROR(step << ": " << to_string(why)); };
    script.on_answer = [&](const contents& now) {
      shim.mark(states.size());
      states.push_back(now);
    };
    shim.start_recording();
    script.run();
    events = shim.stop_recording();
  }

  std::size_t answered_before(std::size_t cut) const {
    const auto end = events.rend();
    const auto last = std::find_if(end - static_cast<std::ptrdiff_t>(cut), end,
                                   [](const auto& each) { return each.what == file_event::kind::mark; });
    return last == end ? 0 : last->place;
  }
};

/// What is wrong with the file that a power loss left; empty if nothing is.
std::string wrong_after(const recorded_run& run, std::size_t cut, survival how, std::uint32_t seed) {
  std::mt19937 random{seed};
  const scratch_directory directory;
  lay_out_after_power_loss(run.events, cut, how, random, directory.path());
  const auto path = directory.file();
  // The next state is there if the power went between the commit and its answer.
  const auto answered = run.answered_before(cut);
  if (const auto prepared = storage::prepare_file(path, answered == 0); !prepared)
    return "it cannot be opened: " + to_string(prepared.error());
  auto reader = storage::reader::open(path);
  if (!reader)
    return "it cannot be read: " + to_string(reader.error());
  const auto found = read_contents(path, **reader);
  if (!found)
    return "it cannot be read: " + to_string(found.error());
  const auto next = std::min(answered + 1, run.states.size() - 1);
  if (*found != run.states[answered] && *found != run.states[next])
    return "it holds " + summary(*found) + "\nexpected " + summary(run.states[answered]) + "\nor "
      + summary(run.states[next]);
  if (const auto said = complaints(path); !said.empty())
    return said;
  storage_script goes_on{path, *found};
  (*reader).reset();
  goes_on.reopen_and_verify();
  return {};
}

std::uint32_t number_of(const char* variable, std::uint32_t otherwise) {
  const auto* value = std::getenv(variable);
  return value == nullptr ? otherwise : static_cast<std::uint32_t>(std::stoul(value));
}

struct cut_point {
  std::size_t at;
  survival how;
  std::uint32_t seed;
};

/// Before and behind every sync, and as many at random.
std::vector<cut_point> cut_points(const recorded_run& run, std::uint32_t seed, std::uint32_t each) {
  std::mt19937 random{seed};
  std::vector<cut_point> points;
  for (std::size_t i = 0; i < run.events.size(); ++i)
    if (run.events[i].what == file_event::kind::sync)
      for (std::uint32_t round = 0; round < each; ++round)
        for (const auto at : {i, i + 1, random() % run.events.size()})
          points.push_back({at, survival::some, static_cast<std::uint32_t>(random())});
  for (std::size_t i = 0; i < run.events.size(); i += 1 + random() % (40 / each + 1))
    points.push_back({i, random() % 2 == 0 ? survival::none : survival::all, 0});
  return points;
}

} // namespace

BOOST_AUTO_TEST_SUITE(storage_power_loss)

// LODGE_POWER_SEED and LODGE_POWER_ROUNDS choose; LODGE_POWER_CUT and LODGE_POWER_CUT_SEED give one cut again.
BOOST_AUTO_TEST_CASE(after_a_power_loss_at_any_time_all_that_was_answered_is_there_and_nothing_is_half_done) {
  const recorded_run run;
  const auto seed = number_of("LODGE_POWER_SEED", 1);
  auto points = cut_points(run, seed, number_of("LODGE_POWER_ROUNDS", 1));
  if (const auto only = number_of("LODGE_POWER_CUT", 0); only > 0)
    points = {{only, survival::some, number_of("LODGE_POWER_CUT_SEED", 0)}};
  for (const auto& each : points) {
    const auto wrong = wrong_after(run, each.at, each.how, each.seed);
    BOOST_TEST(wrong.empty(),
               wrong << "\nafter event " << each.at << " of " << run.events.size() << ", survival "
                     << static_cast<int>(each.how) << ": LODGE_POWER_CUT=" << each.at
                     << " LODGE_POWER_CUT_SEED=" << each.seed);
  }
  BOOST_TEST_MESSAGE(points.size() << " cuts in " << run.events.size() << " events, " << run.states.size() - 1
                                   << " answers");
}

// What the replay is worth: were the disk to lie about syncs, it would find that answered writes are lost.
BOOST_AUTO_TEST_CASE(a_disk_that_does_not_sync_is_found_out) {
  recorded_run run;
  std::erase_if(run.events,
                [](const auto& each) { return each.what == file_event::kind::sync && each.path.ends_with("-wal"); });
  int lost = 0;
  for (std::size_t cut = run.events.size() / 4; cut < run.events.size(); cut += run.events.size() / 20)
    lost += wrong_after(run, cut, survival::some, static_cast<std::uint32_t>(cut)).empty() ? 0 : 1;
  BOOST_TEST(lost > 10);
}

BOOST_AUTO_TEST_SUITE_END()
