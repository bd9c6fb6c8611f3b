#include "tests/faults/engine_script.hpp"
#include "tests/faults/fault_kinds.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::uint64_t short_stride = 3;

/// What parts of the engine may answer besides.
const std::set<errc> answers_of_parts{errc::unavailable, errc::deadline_exceeded, errc::outcome_unknown,
                                      errc::io_error};

/// A new file, made without faults; @returns whether the run came to the fault.
bool run_with(const fault_kind& kind, const fault& what, answer_counts& answers) {
  auto& shim = file_shim::installed();
  shim.heal();
  engine_script script{static_cast<std::uint32_t>(what.nth)};
  script.on_error = [&](const std::string& name, const error& why) {
    ++answers[to_string(why.code)];
    BOOST_TEST((kind.answers.contains(why.code) || answers_of_parts.contains(why.code)),
               name << " answered " << to_string(why));
  };
  script.faults_pass = !what.lasting;
  shim.plan(what);
  script.run();
  shim.heal();
  script.verify();
  return shim.fired() > 0;
}

void sweep(const std::string& name) {
  answer_counts answers;
  const auto& kind = kind_named(name);
  sweep_faults(kind, short_stride, [&](const fault& what) { return run_with(kind, what, answers); });
  tell(answers);
}

} // namespace

BOOST_AUTO_TEST_SUITE(engine_faults)

BOOST_AUTO_TEST_CASE(without_a_fault_nothing_fails) {
  auto& shim = file_shim::installed();
  shim.heal();
  engine_script script{1};
  script.on_error = [](const std::string& name, const error& why) {
    // A write whose WRITER was killed.
    BOOST_TEST((why.code == errc::outcome_unknown || why.code == errc::unavailable),
               name << " answered " << to_string(why));
  };
  script.faults_pass = true;
  script.run();
  for (std::size_t i = 0; i < file_operations; ++i) {
    const auto what = static_cast<file_operation>(i);
    BOOST_TEST_MESSAGE(to_string(what) << " " << shim.counted(what));
  }
  script.verify();
}

BOOST_AUTO_TEST_CASE(after_a_failed_write_everything_goes_on) { sweep("write_error"); }
BOOST_AUTO_TEST_CASE(after_a_full_disk_everything_goes_on) { sweep("write_full"); }
BOOST_AUTO_TEST_CASE(after_a_failed_sync_everything_goes_on) { sweep("sync_error"); }
BOOST_AUTO_TEST_CASE(after_a_failed_read_everything_goes_on) { sweep("read_error"); }
BOOST_AUTO_TEST_CASE(after_a_short_read_of_the_log_everything_goes_on) { sweep("wal_short_read"); }
BOOST_AUTO_TEST_CASE(after_a_failed_truncation_everything_goes_on) { sweep("truncate_error"); }
BOOST_AUTO_TEST_CASE(after_a_failed_open_everything_goes_on) { sweep("open_error"); }

BOOST_AUTO_TEST_SUITE_END()
