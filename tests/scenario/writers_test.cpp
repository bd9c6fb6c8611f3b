// Several real processes that write one file.

#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"
#include "tests/support/starting_gun.hpp"

#include <random>

using namespace lodge;
using namespace lodge::test;

namespace {

/// Vectors are made of their number, so that every process knows all of them.
std::vector<float> vector_of(std::size_t number) {
  std::mt19937 random{static_cast<std::uint32_t>(number)};
  std::normal_distribution<float> normal;
  return {normal(random), normal(random), normal(random), normal(random)};
}

std::size_t number_of(std::size_t process, std::size_t n) { return process * 1'000'000 + n; }

/// Puts one item a call, and searches for each tenth at once. With automatic compaction.
errc write_and_search(const std::string& path, std::size_t process, std::size_t count) {
  auto opened = database::open(path);
  if (!opened)
    return opened.error().code;
  auto stored = opened->collection("c", shape(4));
  if (!stored)
    return stored.error().code;
  for (std::size_t n = 0; n < count; ++n) {
    const auto number = number_of(process, n);
    if (const auto put = stored->put(item{key_of(number), vector_of(number), {}}, std::chrono::seconds{60}); !put)
      return put.error().code;
    if (n % 10 != 0)
      continue;
    const auto hits = stored->search(vector_of(number), nearest(1, true));
    if (!hits)
      return hits.error().code;
    if (hits->size() != 1 || hits->front().key != key_of(number))
      return errc::internal;
  }
  return errc::none;
}

/// Whether every item of all processes is stored, and found by its own vector.
errc all_are_found(const std::string& path, std::size_t processes, std::size_t count) {
  auto opened = database::open(path);
  auto stored = opened ? opened->collection("c") : result<collection>{opened.error()};
  if (!stored)
    return stored.error().code;
  if (const auto size = stored->size(); !size || *size != processes * count)
    return errc::corrupt;
  for (std::size_t process = 0; process < processes; ++process)
    for (std::size_t n = 0; n < count; ++n) {
      const auto number = number_of(process, n);
      const auto hits = stored->search(vector_of(number), nearest(1, n % 50 == 0));
      if (!hits)
        return hits.error().code;
      if (hits->front().key != key_of(number))
        return errc::key_not_found;
    }
  return errc::none;
}

void check_writers(std::size_t processes, std::size_t count) {
  const scratch_directory directory;
  const auto path = directory.file();
  const std::vector<errc> well(processes, errc::none);
  BOOST_TEST(at_once(processes, [&](std::size_t process) { return write_and_search(path, process, count); }) == well,
             boost::test_tools::per_element());
  BOOST_TEST(at_once(processes, [&](std::size_t) { return all_are_found(path, processes, count); }) == well,
             boost::test_tools::per_element());
}

} // namespace

BOOST_AUTO_TEST_SUITE(writers)

// 36
BOOST_AUTO_TEST_CASE(what_three_processes_wrote_one_by_one_is_stored_and_found_by_each) { check_writers(3, 1'500); }
BOOST_AUTO_TEST_CASE(what_eight_processes_wrote_one_by_one_is_stored_and_found_by_each) { check_writers(8, 400); }

// 40
BOOST_AUTO_TEST_CASE(a_batch_of_another_process_is_seen_whole_or_not_at_all) {
  const scratch_directory directory;
  const auto path = directory.file();
  constexpr std::size_t count = 10'000;
  constexpr std::size_t batches = 5;
  const auto codes = at_once(3, [&](std::size_t process) {
    auto opened = database::open(path, only_on_request());
    auto stored = opened ? opened->collection("c", shape(4)) : result<collection>{opened.error()};
    if (!stored)
      return stored.error().code;
    for (std::size_t batch = 0; process == 0 && batch < batches; ++batch) {
      std::vector<item> items;
      for (std::size_t i = 0; i < count; ++i)
        items.push_back({key_of(i), point(static_cast<float>(batch)), {}});
      if (const auto put = stored->put(std::move(items), std::chrono::seconds{60}); !put)
        return put.error().code;
    }
    for (std::size_t batch = 0; process > 0 && batch + 1 < batches;) {
      const auto hits = stored->search(point(0), nearest(count + 1, true));
      if (!hits)
        return hits.error().code;
      if (hits->empty())
        continue;
      if (hits->size() != count || hits->front().score != hits->back().score)
        return errc::internal;
      batch = static_cast<std::size_t>(hits->front().score);
    }
    return errc::none;
  });
  BOOST_TEST(codes == std::vector<errc>(3, errc::none), boost::test_tools::per_element());
}

// 44
BOOST_AUTO_TEST_CASE(other_sqlite_code_that_opens_and_closes_the_file_in_a_writing_process_loses_nothing) {
  const scratch_directory directory;
  const auto path = directory.file();
  constexpr std::size_t count = 300;
  const auto codes = at_once(2, [&](std::size_t process) {
    auto opened = database::open(path, only_on_request());
    auto stored = opened ? opened->collection("c", shape(4)) : result<collection>{opened.error()};
    if (!stored)
      return stored.error().code;
    for (std::size_t n = 0; n < count; ++n) {
      if (const auto put = stored->put(item{key_of(number_of(process, n)), point(1), {}}, std::chrono::seconds{60});
          !put)
        return put.error().code;
      if (raw_file{path}.number("SELECT count(*) FROM items") < static_cast<std::int64_t>(n))
        return errc::internal;
    }
    return errc::none;
  });
  BOOST_TEST(codes == std::vector<errc>(2, errc::none), boost::test_tools::per_element());
  BOOST_TEST(must(must(open_file(path).collection("c")).size()) == 2 * count);
  BOOST_TEST(raw_file{path}.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
