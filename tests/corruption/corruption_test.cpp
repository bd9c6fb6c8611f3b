#include "tests/corruption/child.hpp"
#include "tests/corruption/damage.hpp"
#include "tests/corruption/examination.hpp"
#include "tests/corruption/good_file.hpp"
#include "tests/scenario/raw_file.hpp"
#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <iostream>

using namespace lodge;
using namespace lodge::test;

namespace {

#if defined(__SANITIZE_ADDRESS__)
// Its shadow memory takes more than any limit.
constexpr std::uint64_t address_space = 0;
#else
constexpr std::uint64_t address_space = std::uint64_t{3} << 30;
#endif

std::uint32_t number_from(const char* variable, std::uint32_t otherwise) {
  const auto* const text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

/// One seed's case, in a child of its own and a directory that is gone with it.
child_end run_case(const good_file& good, const page_map& pages, std::uint32_t seed, std::string& what) {
  const scratch_directory directory;
  const auto path = directory.file();
  // In a child too: SQLite's own words on what it was made to open are of no use to this process.
  const auto damaged = run_in_child(
    [&] {
      const auto done = damage(good, pages, seed, path);
      return std::to_string(done.state) + (done.wal_only ? " w " : " - ") + done.what;
    },
    {});
  what = damaged.said;
  if (!damaged.failure.empty())
    return damaged;
  std::size_t after = 0;
  const auto state = std::stoul(damaged.said, &after);
  const auto wal_only = damaged.said.at(after + 1) == 'w';
  return run_in_child([&] { return examine(path, good, state, wal_only, seed); },
                      {std::chrono::seconds{120}, address_space});
}

} // namespace

BOOST_AUTO_TEST_SUITE(corruption)

// LODGE_CORRUPTION_SEEDS=1000 for the long form, LODGE_CORRUPTION_FIRST=17 LODGE_CORRUPTION_SEEDS=1 for one case.
BOOST_AUTO_TEST_CASE(a_damaged_file_gives_right_answers_or_errors_that_name_the_damage) {
  const auto first = number_from("LODGE_CORRUPTION_FIRST", 0);
  const auto seeds = number_from("LODGE_CORRUPTION_SEEDS", 120);
  const scratch_directory directory;
  const auto good = make_good_file(directory.path().string());
  const auto pages_said = directory.file("pages");
  write_bytes(pages_said, good.closed);
  const auto pages = pages_of(pages_said);
  std::map<std::string, std::size_t> ends;
  for (auto seed = first; seed < first + seeds; ++seed) {
    std::string what;
    const auto ended = run_case(good, pages, seed, what);
    const auto line = ended.said.substr(ended.said.rfind('\n') + 1);
    ++ends[ended.failure.empty() ? line : "failed"];
    const auto is_right = ended.failure.empty() && ended.said.find("WRONG") == std::string::npos;
    BOOST_TEST(is_right,
               "LODGE_CORRUPTION_FIRST=" << seed << " LODGE_CORRUPTION_SEEDS=1: " << what << "\n"
                                         << ended.failure << "\n"
                                         << ended.said);
    if (seeds == 1)
      std::cout << what << "\n" << ended.said << "\n";
  }
  for (const auto& [end, count] : ends)
    std::cout << count << " cases: " << end << "\n";
  // Damage that nobody notices would test nothing.
  if (seeds >= 100) {
    BOOST_TEST(ends["refused"] > 0U);
    BOOST_TEST(ends["errors"] > seeds / 10);
    BOOST_TEST(ends["right"] > seeds / 10);
  }
}

BOOST_AUTO_TEST_SUITE_END()
