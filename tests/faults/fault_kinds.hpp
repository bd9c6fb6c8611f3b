#pragma once

#include <lodge/error.hpp>

#include "tests/support/file_shim.hpp"

#include <boost/test/unit_test.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace lodge::test {

/// A kind of failure, and the errors that storage's calls may answer with because of it.
struct fault_kind {
  std::string name;
  fault what;
  std::set<errc> answers;
};

inline const fault_kind& kind_named(const std::string& name) {
  using enum errc;
  static const std::vector<fault_kind> all{
    {"write_error", {file_operation::write, SQLITE_IOERR_WRITE}, {io_error}},
    {"write_full", {file_operation::write, SQLITE_FULL}, {disk_full, io_error}},
    {"sync_error", {file_operation::sync, SQLITE_IOERR_FSYNC}, {outcome_unknown, io_error}},
    {"read_error", {file_operation::read, SQLITE_IOERR_READ}, {io_error}},
    // Of the log only: SQLite takes a short read of the main file for a page of zeros.
    {"wal_short_read",
     {file_operation::read, SQLITE_IOERR_SHORT_READ, 1, false, "-wal"},
     {corrupt, base_corrupt, io_error}},
    {"truncate_error", {file_operation::truncate, SQLITE_IOERR_TRUNCATE}, {io_error}},
    {"open_error", {file_operation::open, SQLITE_CANTOPEN}, {io_error}},
    {"remove_error", {file_operation::remove, SQLITE_IOERR_DELETE}, {io_error}}};
  for (const auto& each : all)
    if (each.name == name)
      return each;
  BOOST_FAIL("no kind of fault is called " << name);
  return all.front();
}

/// The value of an environment variable, or another.
inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const auto* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::stoull(value);
}

/// Calls `run` for n = 1, 2, 3, ... until it says that it did not come to its fault; once with a fault that passes,
/// once with one that stays.
///
/// LODGE_FAULT_STRIDE: how much faster than by 1 n grows, as a part of n (8: by 1 + n/8; 0: always by 1, the long
/// form). LODGE_FAULT_NTH: that n alone. The name of the test case chooses the kind.
inline void sweep_faults(const fault_kind& kind, std::uint64_t stride, const std::function<bool(const fault&)>& run) {
  const auto only = number_from("LODGE_FAULT_NTH", 0);
  stride = number_from("LODGE_FAULT_STRIDE", stride);
  for (const bool lasting : {false, true}) {
    auto what = kind.what;
    what.lasting = lasting;
    what.nth = only > 0 ? only : 1;
    std::uint64_t runs = 0;
    for (bool fired = true; fired; ++runs) {
      BOOST_TEST_CONTEXT(kind.name << (lasting ? ", lasting" : ", once") << ": LODGE_FAULT_NTH=" << what.nth) {
        fired = run(what) && only == 0;
      }
      what.nth += stride == 0 ? 1 : 1 + what.nth / stride;
    }
    BOOST_TEST_MESSAGE(kind.name << (lasting ? ", lasting: " : ", once: ") << runs << " runs");
  }
}

/// How often each error was answered, for those who read the log.
using answer_counts = std::map<std::string, std::uint64_t>;

inline void tell(const answer_counts& answers) {
  for (const auto& [code, times] : answers)
    BOOST_TEST_MESSAGE("  answered " << code << " " << times << " times");
}

} // namespace lodge::test
