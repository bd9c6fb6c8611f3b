// Case 44, the part about fork(): a child can neither use what its parent opened, nor harm it.

#include "tests/scenario/scenario.hpp"
#include "tests/support/child.hpp"

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(forks)

BOOST_AUTO_TEST_CASE(in_a_child_every_call_on_its_parents_handles_is_refused_and_the_parent_goes_on) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  must(stored.put("a", point(1)));
  BOOST_TEST(in_child([&] { return code_of(stored.put("b", point(2))); }) == errc::forked);
  BOOST_TEST(in_child([&] { return code_of(stored.search(point(2))); }) == errc::forked);
  BOOST_TEST(in_child([&] { return code_of(stored.compact()); }) == errc::forked);
  auto reading = must(stored.reader());
  must(reading.search(point(2)));
  BOOST_TEST(in_child([&] { return code_of(reading.search(point(2))); }) == errc::forked);
  BOOST_TEST(in_child([&] { return code_of(opened.collection("d", shape(4))); }) == errc::forked);
  BOOST_TEST(in_child([&] { return code_of(opened.close()); }) == errc::forked);
  must(stored.put("c", point(3)));
  BOOST_TEST(must(stored.search(point(2), nearest(9))).size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_child_that_drops_its_parents_handles_closes_nothing) {
  const scratch_directory directory;
  auto opened = std::make_unique<database>(open_file(directory.file()));
  auto stored = std::make_unique<collection>(must(opened->collection("c", shape(4))));
  BOOST_TEST(in_child([&] {
               stored.reset();
               opened.reset();
               return errc::none;
             })
             == errc::none);
  must(stored->put("a", point(1)));
  BOOST_TEST(must(stored->size()) == 1U);
}

BOOST_AUTO_TEST_CASE(a_child_may_not_open_what_was_open_in_its_parent) {
  const scratch_directory directory;
  const auto opened = open_file(directory.file());
  BOOST_TEST(in_child([&] { return code_of(database::open(directory.file(), only_on_request())); }) == errc::forked);
}

BOOST_AUTO_TEST_CASE(a_child_forked_while_the_file_was_closed_opens_it) {
  const scratch_directory directory;
  { must(must(open_file(directory.file()).collection("c", shape(4))).put("a", point(1))); }
  BOOST_TEST(in_child([&] {
               auto opened = database::open(directory.file(), only_on_request());
               auto stored = opened ? opened->collection("c") : result<collection>{opened.error()};
               return stored ? code_of(stored->put("b", point(2))) : stored.error().code;
             })
             == errc::none);
  BOOST_TEST(must(must(open_file(directory.file()).collection("c")).size()) == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
