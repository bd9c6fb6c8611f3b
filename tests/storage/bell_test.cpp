#include "storage/bell.hpp"

#include "storage/sidecar.hpp"
#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

constexpr std::chrono::milliseconds at_once{0};
constexpr std::chrono::milliseconds long_enough{60'000};

struct ringer_and_listener {
  scratch_directory directory;
  std::unique_ptr<sidecar> ringer = must(sidecar::open(directory.file()));
  std::unique_ptr<bell> listener = must(bell::listen(directory.file()));
};

} // namespace

BOOST_AUTO_TEST_SUITE(bells)

BOOST_FIXTURE_TEST_CASE(a_ring_is_heard, ringer_and_listener) {
  ringer->ring();
  BOOST_TEST(listener->wait(long_enough));
}

BOOST_FIXTURE_TEST_CASE(several_rings_are_heard_as_one, ringer_and_listener) {
  for (int i = 0; i < 1'000; ++i)
    ringer->ring();
  BOOST_TEST(listener->wait(long_enough));
  BOOST_TEST(!listener->wait(at_once));
}

BOOST_FIXTURE_TEST_CASE(locks_do_not_ring, ringer_and_listener) {
  must_do(ringer->take_writers_turn(sidecar::clock::now()));
  ringer->end_writers_turn();
  BOOST_TEST(!listener->wait(at_once));
}

BOOST_FIXTURE_TEST_CASE(every_listener_hears_a_ring, ringer_and_listener) {
  const auto other = must(bell::listen(directory.file()));
  ringer->ring();
  BOOST_TEST(listener->wait(long_enough));
  BOOST_TEST(other->wait(long_enough));
}

BOOST_FIXTURE_TEST_CASE(listening_costs_no_lock_when_it_ends, ringer_and_listener) {
  const auto other = must(sidecar::open(directory.file()));
  must_do(ringer->take_compaction_role());
  listener.reset();
  BOOST_TEST(code_of(other->take_compaction_role()) == errc::busy);
}

BOOST_AUTO_TEST_CASE(a_database_without_a_sidecar_has_no_bell) {
  const scratch_directory directory;
  BOOST_TEST(code_of(bell::listen(directory.file())) == errc::unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
