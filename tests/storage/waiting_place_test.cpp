#include "storage/waiting_place.hpp"

#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>
#include <vector>

using namespace lodge::storage;
using namespace lodge::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr int place = 16;

struct a_file {
  scratch_directory directory;
  std::string path = made(directory.file());

  static std::string made(std::string path) {
    std::ofstream{path} << "locks";
    return path;
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(waiting_places)

BOOST_FIXTURE_TEST_CASE(leaving_is_counted_for_all_once_someone_arrived, a_file) {
  waiting_place one{path}, other{path};
  const auto seen = other.arrive(place);
  BOOST_TEST(one.arrive(place) == seen);
  one.leave(place);
  one.leave(place);
  BOOST_TEST(other.arrive(place) == seen + 2);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_written_where_nobody_arrives, a_file) {
  waiting_place one{path};
  one.leave(place);
  BOOST_TEST(std::filesystem::file_size(path) == 5U);
}

BOOST_FIXTURE_TEST_CASE(who_waits_is_woken, a_file) {
  waiting_place other{path};
  const auto seen = other.arrive(place);
  auto waiting = std::async(std::launch::async, [&] {
    waiting_place one{path};
    while (one.arrive(place) == seen)
      one.wait(place, seen, minutes{10});
  });
  // Also when it leaves before the other sleeps: the count is no longer what was seen.
  std::this_thread::sleep_for(milliseconds{20});
  other.leave(place);
  BOOST_TEST((waiting.wait_for(minutes{1}) == std::future_status::ready));
}

BOOST_FIXTURE_TEST_CASE(one_of_those_who_wait_is_woken_at_a_time, a_file) {
  waiting_place door{path};
  constexpr int many = 4;
  const auto seen = door.arrive(place);
  std::vector<std::future<void>> waiting;
  for (int i = 0; i < many; ++i)
    waiting.push_back(std::async(std::launch::async, [&] { waiting_place{path}.wait(place, seen, minutes{10}); }));
  for (int i = 0; i < many; ++i)
    door.leave(place);
  for (const auto& each : waiting)
    BOOST_TEST((each.wait_for(minutes{1}) == std::future_status::ready));
}

BOOST_FIXTURE_TEST_CASE(a_wait_ends_by_itself, a_file) {
  waiting_place door{path};
  const auto seen = door.arrive(place);
  door.wait(place, seen, milliseconds{1});
  door.wait(place, seen + 1, minutes{10});
}

BOOST_FIXTURE_TEST_CASE(a_file_that_was_truncated_or_is_not_there_wakes_nobody, a_file) {
  waiting_place door{path};
  const auto seen = door.arrive(place);
  BOOST_TEST(seen > 0U);
  std::filesystem::resize_file(path, 0);
  door.leave(place);
  door.wait(place, seen, milliseconds{1});
  BOOST_TEST(door.arrive(place) == 0U);
  waiting_place nowhere{path + "-is-not-there"};
  nowhere.leave(place);
  nowhere.wait(place, nowhere.arrive(place), milliseconds{1});
}

BOOST_AUTO_TEST_SUITE_END()
