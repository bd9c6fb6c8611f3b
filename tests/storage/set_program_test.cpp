#include "storage/set_program.hpp"

#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

struct program_file {
  scratch_directory directory;
  connection on{directory.file(), access::read_write_create};
  set_program program;

  /// The numbers of a JSON array, in its order.
  void push(const std::string& numbers) { program.push("SELECT value FROM json_each(?1)", {numbers}); }

  label_set run() {
    std::size_t rows = 1'000;
    BOOST_REQUIRE(program.run(on, rows));
    return std::move(program).result();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(set_programs, program_file)

BOOST_AUTO_TEST_CASE(what_a_query_gives_comes_in_order_and_once) {
  push("[5, 1, 3, 1]");
  BOOST_TEST((run() == label_set{1, 3, 5}));
}

BOOST_AUTO_TEST_CASE(sets_are_put_together_from_the_top_of_the_stack) {
  push("[1, 2, 3, 4]");
  push("[2, 3, 9]");
  push("[3, 4]");
  program.unite(2);
  program.intersect(2);
  push("[4, 5]");
  program.subtract();
  BOOST_TEST((run() == label_set{2, 3}));
}

BOOST_AUTO_TEST_CASE(one_set_or_none_can_be_put_together) {
  push("[1]");
  program.intersect(1);
  program.unite(0);
  program.unite(2);
  BOOST_TEST((run() == label_set{1}));
}

BOOST_AUTO_TEST_CASE(a_program_is_run_in_slices_of_as_many_rows_as_are_given) {
  push("[1, 2, 3]");
  push("[2, 3, 4]");
  program.intersect(2);
  std::size_t slices = 0;
  for (bool done = false; !done; ++slices) {
    std::size_t rows = 1;
    done = program.run(on, rows);
  }
  BOOST_TEST(slices >= 6U);
  BOOST_TEST((std::move(program).result() == label_set{2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
