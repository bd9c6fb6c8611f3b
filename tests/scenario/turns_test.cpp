// Waiting for the turn to write: to a deadline, and never longer than a close takes.

#include "storage/sidecar.hpp"
#include "tests/scenario/scenario.hpp"

#include <future>

using namespace lodge;
using namespace lodge::test;

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

/// A database, and one that is in the midst of writing to its file for as long as it likes.
struct file_with_a_writer {
  scratch_directory directory;
  database opened = open_file(directory.file());
  collection stored = must(opened.collection("c", shape(4)));
  std::unique_ptr<storage::sidecar> other = must(storage::sidecar::open(directory.file()));

  void begin() { must_do(other->take_writers_turn(clock_type::now() + 10s)); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(turns, file_with_a_writer)

BOOST_AUTO_TEST_CASE(a_write_that_gets_no_turn_is_busy_at_its_deadline_and_not_done) {
  begin();
  const auto begun = clock_type::now();
  const auto refused = stored.put(item{"a", std::vector<float>{1, 0, 0, 0}, {}}, 200ms);
  BOOST_TEST(code_of(refused) == errc::busy);
  BOOST_TEST((clock_type::now() - begun < 5s));
  // Reading needs no turn.
  BOOST_TEST(must(stored.search(point(0))).empty());
  other->end_writers_turn();
  must(stored.put("b", point(2)));
  BOOST_TEST(must(stored.size()) == 1U);
}

BOOST_AUTO_TEST_CASE(writes_of_different_patience_wait_each_to_its_own_deadline) {
  begin();
  const auto put = [&](const std::string& key, std::chrono::milliseconds timeout) {
    return std::async(std::launch::async, [=, this] {
      auto target = stored;
      return code_of(target.put(item{key, std::vector<float>{1, 0, 0, 0}, {}}, timeout));
    });
  };
  auto patient = put("a", 30s);
  auto hurried = put("b", 200ms);
  BOOST_TEST(hurried.get() == errc::busy);
  other->end_writers_turn();
  BOOST_TEST(patient.get() == errc::none);
  BOOST_TEST(must(stored.contains("a")));
  BOOST_TEST(!must(stored.contains("b")));
}

BOOST_AUTO_TEST_CASE(a_collection_that_cannot_be_made_in_time_says_so_and_can_be_made_later) {
  begin();
  BOOST_TEST(code_of(opened.collection("d", shape(4))) == errc::busy);
  other->end_writers_turn();
  must(opened.collection("d", shape(4)));
}

BOOST_AUTO_TEST_CASE(a_close_waits_no_longer_for_a_turn_than_seconds) {
  begin();
  auto waiting = std::async(std::launch::async, [this] {
    auto target = stored;
    return code_of(target.put(item{"a", std::vector<float>{1, 0, 0, 0}, {}}, 60s));
  });
  std::this_thread::sleep_for(100ms);
  const auto begun = clock_type::now();
  must_do(opened.close());
  BOOST_TEST((clock_type::now() - begun < 10s));
  const auto code = waiting.get();
  BOOST_TEST((code == errc::busy || code == errc::closed), code);
}

BOOST_AUTO_TEST_SUITE_END()
