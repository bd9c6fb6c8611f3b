#include "tests/faults/fault_kinds.hpp"
#include "tests/faults/storage_script.hpp"
#include "tests/support/files.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::uint64_t short_stride = 2;

/// Makes SQLite write pages of an open transaction to the WAL whenever it wants another, as a large one does.
class small_cache {
public:
  small_cache() { sqlite3_soft_heap_limit64(1); }
  small_cache(const small_cache&) = delete;
  small_cache& operator=(const small_cache&) = delete;
  ~small_cache() { sqlite3_soft_heap_limit64(0); }
};

/// @returns Whether the run came to the fault.
bool run_with(const fault_kind& kind, const fault& what, answer_counts& answers) {
  auto& shim = file_shim::installed();
  const scratch_directory directory;
  storage_script script{directory.file()};
  script.on_error = [&](const std::string& step, const error& why) {
    ++answers[to_string(why.code)];
    BOOST_TEST(kind.answers.contains(why.code), step << " answered " << to_string(why));
  };
  shim.plan(what);
  script.run();
  shim.heal();
  script.go_on();
  script.reopen_and_verify();
  return shim.fired() > 0;
}

void sweep(const std::string& name) {
  answer_counts answers;
  const auto& kind = kind_named(name);
  sweep_faults(kind, short_stride, [&](const fault& what) { return run_with(kind, what, answers); });
  tell(answers);
}

void run_without_faults() {
  auto& shim = file_shim::installed();
  const scratch_directory directory;
  storage_script script{directory.file()};
  script.on_error = [](const std::string& step, const error& why) { BOOST_ERROR(step << ": " << to_string(why)); };
  shim.heal();
  script.run();
  for (std::size_t i = 0; i < file_operations; ++i) {
    const auto what = static_cast<file_operation>(i);
    BOOST_TEST_MESSAGE(to_string(what) << " " << shim.counted(what));
  }
  script.go_on();
  script.reopen_and_verify();
}

} // namespace

BOOST_AUTO_TEST_SUITE(storage_faults)

BOOST_AUTO_TEST_CASE(without_a_fault_nothing_fails) { run_without_faults(); }
BOOST_AUTO_TEST_CASE(a_failed_write_is_told_and_leaves_a_good_file) { sweep("write_error"); }
BOOST_AUTO_TEST_CASE(a_full_disk_is_told_and_leaves_a_good_file) { sweep("write_full"); }
BOOST_AUTO_TEST_CASE(a_failed_sync_is_told_and_leaves_a_good_file) { sweep("sync_error"); }
BOOST_AUTO_TEST_CASE(a_failed_read_is_told_and_leaves_a_good_file) { sweep("read_error"); }
BOOST_AUTO_TEST_CASE(a_short_read_of_the_log_is_told_and_leaves_a_good_file) { sweep("wal_short_read"); }
BOOST_AUTO_TEST_CASE(a_failed_truncation_is_told_and_leaves_a_good_file) { sweep("truncate_error"); }
BOOST_AUTO_TEST_CASE(a_failed_open_is_told_and_leaves_a_good_file) { sweep("open_error"); }
BOOST_AUTO_TEST_CASE(a_failed_removal_is_told_and_leaves_a_good_file) { sweep("remove_error"); }

BOOST_AUTO_TEST_SUITE_END()

// In these a request fails in the midst of a transaction, and not only its commit.
BOOST_FIXTURE_TEST_SUITE(storage_faults_in_large_transactions, small_cache)

BOOST_AUTO_TEST_CASE(without_a_fault_nothing_fails) { run_without_faults(); }
BOOST_AUTO_TEST_CASE(a_failed_write_is_told_and_leaves_a_good_file) { sweep("write_error"); }
BOOST_AUTO_TEST_CASE(a_full_disk_is_told_and_leaves_a_good_file) { sweep("write_full"); }
BOOST_AUTO_TEST_CASE(a_failed_read_is_told_and_leaves_a_good_file) { sweep("read_error"); }

BOOST_AUTO_TEST_SUITE_END()
