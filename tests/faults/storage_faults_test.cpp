#include "tests/faults/storage_script.hpp"
#include "tests/support/file_shim.hpp"
#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <sqlite3.h>

#include <cstdlib>
#include <map>
#include <set>
#include <string>

using namespace lodge;
using namespace lodge::test;

namespace {

/// A kind of failure, and the errors that a call may answer with because of it.
struct failure_kind {
  std::string name;
  fault what;
  std::set<errc> answers;
};

const std::vector<failure_kind>& kinds() {
  using enum errc;
  static const std::vector<failure_kind> all{
    {"write_error", {file_operation::write, SQLITE_IOERR_WRITE}, {io_error}},
    {"write_full", {file_operation::write, SQLITE_FULL}, {disk_full, io_error}},
    {"sync_error", {file_operation::sync, SQLITE_IOERR_FSYNC}, {outcome_unknown, io_error}},
    {"read_error", {file_operation::read, SQLITE_IOERR_READ}, {io_error}},
    {"wal_short_read",
     {file_operation::read, SQLITE_IOERR_SHORT_READ, 1, false, "-wal"},
     {corrupt, base_corrupt, io_error}},
    {"short_read", {file_operation::read, SQLITE_IOERR_SHORT_READ}, {corrupt, base_corrupt, io_error}},
    {"truncate_error", {file_operation::truncate, SQLITE_IOERR_TRUNCATE}, {io_error}},
    {"open_error", {file_operation::open, SQLITE_CANTOPEN}, {io_error}},
    {"remove_error", {file_operation::remove, SQLITE_IOERR_DELETE}, {io_error}}};
  return all;
}

/// Environment variables choose: LODGE_FAULTS=all for every n, LODGE_FAULT_KIND, LODGE_FAULT_NTH for one run.
std::string variable(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// One run with one fault. @returns Whether it came to the fault.
bool run_with(const failure_kind& kind, fault what, std::map<std::string, int>& answers) {
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
  const auto fired = shim.fired() > 0;
  script.go_on();
  script.reopen_and_verify();
  return fired;
}

void sweep(const failure_kind& kind) {
  const auto only = variable("LODGE_FAULT_NTH");
  const auto every = variable("LODGE_FAULTS") == "all";
  std::map<std::string, int> answers;
  for (const bool lasting : {false, true}) {
    std::uint64_t runs = 0;
    auto what = kind.what;
    what.lasting = lasting;
    what.nth = only.empty() ? 1 : std::stoull(only);
    for (bool fired = true; fired; ++runs) {
      BOOST_TEST_CONTEXT("LODGE_FAULT_KIND=" << kind.name << " LODGE_FAULT_NTH=" << what.nth
                                             << (lasting ? ", lasting" : ", once")) {
        fired = run_with(kind, what, answers) && only.empty();
      }
      what.nth += every ? 1 : 1 + what.nth / 8;
    }
    BOOST_TEST_MESSAGE(kind.name << (lasting ? ", lasting: " : ", once: ") << runs
                                 << " runs, the last with n = " << what.nth);
  }
  for (const auto& [code, times] : answers)
    BOOST_TEST_MESSAGE("  answered " << code << " " << times << " times");
}

struct chosen {
  explicit chosen(const std::string& name) {
    for (const auto& each : kinds())
      if (each.name == name)
        sweep(each);
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(storage_faults)

BOOST_AUTO_TEST_CASE(without_a_fault_nothing_fails) {
  std::map<std::string, int> answers;
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

BOOST_AUTO_TEST_CASE(a_failed_write_is_told_and_leaves_a_good_file) { chosen{"write_error"}; }
BOOST_AUTO_TEST_CASE(a_full_disk_is_told_and_leaves_a_good_file) { chosen{"write_full"}; }
BOOST_AUTO_TEST_CASE(a_failed_sync_is_told_and_leaves_a_good_file) { chosen{"sync_error"}; }
BOOST_AUTO_TEST_CASE(a_failed_read_is_told_and_leaves_a_good_file) { chosen{"read_error"}; }
BOOST_AUTO_TEST_CASE(a_short_read_of_the_log_is_told_and_leaves_a_good_file) { chosen{"wal_short_read"}; }
BOOST_AUTO_TEST_CASE(a_short_read_is_told_and_leaves_a_good_file) { chosen{"short_read"}; }
BOOST_AUTO_TEST_CASE(a_failed_truncation_is_told_and_leaves_a_good_file) { chosen{"truncate_error"}; }
BOOST_AUTO_TEST_CASE(a_failed_open_is_told_and_leaves_a_good_file) { chosen{"open_error"}; }
BOOST_AUTO_TEST_CASE(a_failed_removal_is_told_and_leaves_a_good_file) { chosen{"remove_error"}; }

BOOST_AUTO_TEST_SUITE_END()
