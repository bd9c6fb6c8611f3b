// Case 35: many open a new file at once.

#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/writer.hpp"
#include "tests/scenario/scenario.hpp"
#include "tests/support/starting_gun.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

const std::vector<errc> all_well(8, errc::none);

} // namespace

BOOST_AUTO_TEST_SUITE(opening)

BOOST_AUTO_TEST_CASE(eight_processes_that_make_one_file_at_once_all_succeed_a_hundred_times) {
  for (int round = 0; round < 100; ++round) {
    const scratch_directory directory;
    const auto codes = at_once(8, [&](std::size_t) {
      const auto identity = storage::prepare_file(directory.file(), true);
      if (!identity)
        return identity.error().code;
      const auto written = storage::writer::open(directory.file());
      const auto read = storage::reader::open(directory.file());
      return !written ? code_of(written) : code_of(read);
    });
    BOOST_TEST(codes == all_well, boost::test_tools::per_element());
    BOOST_TEST(must(must(storage::reader::open(directory.file()))->collections()).empty());
  }
}

BOOST_AUTO_TEST_CASE(eight_processes_that_open_a_new_file_at_once_write_to_one_collection) {
  for (int round = 0; round < 5; ++round) {
    const scratch_directory directory;
    const auto codes = at_once(8, [&](std::size_t number) {
      auto opened = database::open(directory.file(), only_on_request());
      if (!opened)
        return opened.error().code;
      auto stored = opened->collection("c", shape(4));
      if (!stored)
        return stored.error().code;
      return code_of(stored->put(key_of(number), point(static_cast<float>(number))));
    });
    BOOST_TEST(codes == all_well, boost::test_tools::per_element());
    auto opened = open_file(directory.file());
    BOOST_TEST(must(opened.collections()).size() == 1U);
    BOOST_TEST(must(must(opened.collection("c")).search(point(0), nearest(100))).size() == 8U);
  }
}

BOOST_AUTO_TEST_SUITE_END()
