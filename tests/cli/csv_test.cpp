#include "cli/formats/csv.hpp"

#include "cli/formats/float_text.hpp"
#include "tests/cli/rows.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <sstream>

using namespace lodge;
using namespace lodge::test;

namespace {

rows_read read(const std::string& text) {
  std::istringstream in{text};
  cli::csv_reader reader{in};
  return read_all(reader);
}

} // namespace

BOOST_AUTO_TEST_SUITE(csv)

BOOST_AUTO_TEST_CASE(a_header_is_passed_over) {
  for (const auto* text : {"key,x,y\na,1,2\n", "a,1,2\n",
                           "\xef\xbb\xbf"
                           "key,x,y\r\na, 1 ,+2\r\n",
                           "\n\na,1,2"}) {
    const auto seen = read(text);
    BOOST_TEST(seen.bad.empty(), text);
    BOOST_REQUIRE_EQUAL(seen.items.size(), 1U);
    BOOST_TEST(seen.items[0].key == "a");
    BOOST_TEST(*seen.items[0].vector == (std::vector<float>{1, 2}));
  }
}

BOOST_AUTO_TEST_CASE(a_first_row_with_a_number_is_no_header) {
  const auto seen = read("a,1,x\nb,1,2\n");
  BOOST_TEST(seen.items.size() == 1U);
  BOOST_REQUIRE_EQUAL(seen.bad.size(), 1U);
  BOOST_TEST(seen.bad[0] == "line 1: value 1 is to be a number, got 'x'");
}

BOOST_AUTO_TEST_CASE(quoted_keys_hold_commas_quotes_and_line_breaks) {
  const auto seen = read("\"a,b\",1\n\"say \"\"hi\"\"\",2\n\"two\nlines\",3\nlast,4\n");
  BOOST_TEST(seen.bad.empty());
  BOOST_REQUIRE_EQUAL(seen.items.size(), 4U);
  BOOST_TEST(seen.items[0].key == "a,b");
  BOOST_TEST(seen.items[1].key == "say \"hi\"");
  BOOST_TEST(seen.items[2].key == "two\nlines");
  BOOST_TEST(seen.items[3].key == "last");
}

BOOST_AUTO_TEST_CASE(quotes_where_none_may_be_are_bad) {
  BOOST_TEST(!cli::csv_fields("a\"b\",1"));
  BOOST_TEST(!cli::csv_fields("\"a\"b,1"));
  BOOST_TEST(contains(read("k,1\n\"a,1\nb,2\n").broken, "line 2: the quote that is opened here has no end"));
}

BOOST_AUTO_TEST_CASE(fields_are_split_at_every_comma) {
  BOOST_CHECK(cli::csv_fields("a,,\"\",") == (std::vector<std::string>{"a", "", "", ""}));
  BOOST_CHECK(cli::csv_fields("") == (std::vector<std::string>{""}));
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_named) {
  BOOST_TEST(read("a,1,2\nb,1,\n").bad.front() == "line 2: value 1 is to be a number, got ''");
  BOOST_TEST(std::isnan(read("b,1\na,nan").items[1].vector->front()));
}

BOOST_AUTO_TEST_CASE(an_empty_file_has_no_rows) { BOOST_TEST(read("").items.empty()); }

BOOST_AUTO_TEST_CASE(numbers_beyond_the_range_become_infinity_or_zero) {
  BOOST_TEST(*cli::float_from("1e99") == INFINITY);
  BOOST_TEST(*cli::float_from("-1e99") == -INFINITY);
  BOOST_TEST(*cli::float_from("1e-99") == 0);
  for (const auto* text : {"", "x", "1x", "0x10", "1,5", "+-1", " 1"})
    BOOST_TEST(!cli::float_from(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(a_list_of_values_may_have_brackets) {
  BOOST_TEST(*cli::floats_from("[1, -0.5]") == (std::vector<float>{1, -0.5F}));
  BOOST_TEST(*cli::floats_from("1,-0.5") == (std::vector<float>{1, -0.5F}));
  BOOST_TEST(cli::floats_from("[]")->empty());
  BOOST_TEST(!cli::floats_from("1,,2"));
  BOOST_TEST(!cli::floats_from("1,2,"));
}

BOOST_AUTO_TEST_SUITE_END()
