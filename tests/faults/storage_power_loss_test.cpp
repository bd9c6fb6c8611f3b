#include "tests/faults/recording.hpp"
#include "tests/faults/storage_script.hpp"
#include "tests/support/files.hpp"

#include "storage/schema.hpp"

#include <optional>
#include <string>

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::size_t short_stride = 3;

/// A run of the script; there is a state after each answer.
recording<contents> recorded_run() {
  const scratch_directory directory;
  recording<contents> run{{}};
  storage_script script{directory.file()};
  script.on_error = [](const std::string& step, const error& why) { BOOST_ERROR(step << ": " << to_string(why)); };
  script.on_answer = [&](const contents& now) { run.note(now); };
  script.run();
  run.end();
  return run;
}

/// Everything, read by what opens the file anew.
result<contents> read_anew(const std::string& path, bool create) {
  if (const auto prepared = storage::prepare_file(path, create); !prepared)
    return prepared.error();
  auto reader = storage::reader::open(path);
  if (!reader)
    return reader.error();
  return read_contents(path, **reader);
}

/// What is wrong with the file that a power loss left; empty if nothing is.
std::string wrong_after(const recording<contents>& run, const power_cut& cut) {
  std::mt19937 random{cut.seed};
  const scratch_directory directory;
  lay_out_after_power_loss(run.events, cut.at, cut.how, random, directory.path());
  // The next state is there if the power went between the commit and its answer.
  const auto answered = run.state_before(cut.at);
  const auto next = std::min(answered + 1, run.states.size() - 1);
  const auto found = read_anew(directory.file(), answered == 0);
  if (!found)
    return to_string(found.error());
  if (*found != run.states[answered] && *found != run.states[next])
    return "it holds " + summary(*found) + "\nexpected " + summary(run.states[answered]) + "\nor "
      + summary(run.states[next]);
  if (const auto said = complaints(directory.file()); !said.empty())
    return said;
  storage_script{directory.file(), *found}.reopen_and_verify();
  return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(storage_power_loss)

BOOST_AUTO_TEST_CASE(after_a_power_loss_all_that_was_answered_is_there_and_nothing_is_half_done) {
  const auto run = recorded_run();
  const auto cuts = power_cuts(run.events, short_stride);
  for (const auto& each : cuts)
    BOOST_TEST_CONTEXT("survival " << static_cast<int>(each.how) << ", LODGE_POWER_CUT=" << each.at
                                   << " LODGE_POWER_CUT_SEED=" << each.seed) {
      BOOST_TEST(wrong_after(run, each) == "");
    }
  BOOST_TEST_MESSAGE(cuts.size() << " cuts in " << run.events.size() << " events");
}

// What the replay is worth: it finds the answered writes that a disk loses which only says that it syncs.
BOOST_AUTO_TEST_CASE(a_disk_that_does_not_sync_is_found_out) {
  auto run = recorded_run();
  std::erase_if(run.events,
                [](const auto& each) { return each.what == file_event::kind::sync && each.path.ends_with("-wal"); });
  int lost = 0;
  for (std::size_t cut = run.events.size() / 4; cut < run.events.size(); cut += run.events.size() / 20)
    lost += wrong_after(run, {cut, survival::some, static_cast<std::uint32_t>(cut)}).empty() ? 0 : 1;
  BOOST_TEST(lost > 10);
}

BOOST_AUTO_TEST_SUITE_END()
