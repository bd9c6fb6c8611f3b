#include "cli/formats/jsonl.hpp"

#include "tests/cli/rows.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <random>
#include <sstream>

using namespace lodge;
using namespace lodge::test;

namespace {

rows_read read(const std::string& text) {
  std::istringstream in{text};
  cli::jsonl_reader reader{in};
  return read_all(reader);
}

std::string why_not(const std::string& line) {
  const auto made = cli::item_from_json(line);
  return made ? "it was read" : made.error().detail;
}

} // namespace

BOOST_AUTO_TEST_SUITE(jsonl)

BOOST_AUTO_TEST_CASE(key_vector_and_metadata_are_read) {
  const auto seen =
    read("\xef\xbb\xbf{\"key\": \"a\\u00e4\", \"vector\": [1, -2.5e0], \"metadata\": {\"b\": [1, 2.50]}}\r\n"
         "\r\n"
         "{\"metadata\":null,\"key\":\"b\"}");
  BOOST_TEST(seen.bad.empty());
  BOOST_REQUIRE_EQUAL(seen.items.size(), 2U);
  BOOST_TEST(seen.items[0].key == "a\u00e4");
  BOOST_TEST(*seen.items[0].vector == (std::vector<float>{1, -2.5F}));
  BOOST_TEST(seen.items[0].metadata == "{\"b\": [1, 2.50]}");
  BOOST_TEST(!seen.items[1].vector.has_value());
  BOOST_TEST(seen.items[1].metadata == "null");
}

BOOST_AUTO_TEST_CASE(a_bad_line_is_named_and_the_next_is_read) {
  const auto seen = read("{\"key\":\"a\"}\n{\"key\":\n{\"key\":\"c\"}\n");
  BOOST_TEST(seen.items.size() == 2U);
  BOOST_REQUIRE_EQUAL(seen.bad.size(), 1U);
  BOOST_TEST(contains(seen.bad[0], "line 2: no JSON"), seen.bad[0]);
}

BOOST_AUTO_TEST_CASE(what_is_no_item_is_said_kindly) {
  BOOST_TEST(contains(why_not("[1,2]"), "a JSON object is expected"));
  BOOST_TEST(contains(why_not("{}"), "no \"key\""));
  BOOST_TEST(contains(why_not(R"({"key": 17})"), "to be a string, got 17"));
  BOOST_TEST(contains(why_not(R"({"key": "a", "vector": "x"})"), "array of numbers"));
  BOOST_TEST(contains(why_not(R"({"key": "a", "vector": [1, "x"]})"), "value 1 is to be a number"));
  BOOST_TEST(contains(why_not(R"({"key": "a", "vector": [[1]]})"), "value 0 is to be a number"));
  BOOST_TEST(contains(why_not(R"({"key": "a", "vector": [NaN]})"), "no JSON"));
  BOOST_TEST(contains(why_not(R"({"key": "a", "key": "b"})"), "two members \"key\""));
  BOOST_TEST(contains(why_not(R"({"key": "a", "vektor": [1]})"), "got a member \"vektor\""));
}

BOOST_AUTO_TEST_CASE(braces_and_quotes_within_strings_do_not_confuse) {
  const auto made = cli::item_from_json(R"({"metadata": {"x": "}],\"{"}, "key": "a\"}", "vector": [ ]})");
  BOOST_REQUIRE(made);
  BOOST_TEST(made->key == "a\"}");
  BOOST_TEST(made->metadata == R"({"x": "}],\"{"})");
  BOOST_TEST(made->vector->empty());
}

BOOST_AUTO_TEST_CASE(an_item_comes_back_from_its_line_bit_for_bit) {
  std::mt19937 random{7};
  for (int i = 0; i < 2'000; ++i) {
    item what{.key = "k\n\"\\" + std::to_string(i), .metadata = R"({"a": 1.50e300, "b":"\u0001"})"};
    auto& values = what.vector.emplace();
    while (values.size() < 8)
      if (const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random())); std::isfinite(value))
        values.push_back(value);
    values.push_back(-0.0F);
    const auto line = cli::to_json_line(what);
    BOOST_REQUIRE(line.find('\n') == std::string::npos);
    const auto again = cli::item_from_json(line);
    BOOST_REQUIRE_MESSAGE(again, line);
    BOOST_TEST(again->key == what.key);
    BOOST_TEST(again->metadata == what.metadata);
    for (std::size_t j = 0; j < values.size(); ++j)
      BOOST_REQUIRE_EQUAL(std::bit_cast<std::uint32_t>((*again->vector)[j]), std::bit_cast<std::uint32_t>(values[j]));
  }
}

BOOST_AUTO_TEST_CASE(line_breaks_in_metadata_become_spaces) {
  BOOST_TEST(cli::to_json_line({.key = "a", .metadata = "{\n\"b\": 1}"}) == R"({"key":"a","metadata":{ "b": 1}})");
}

BOOST_AUTO_TEST_SUITE_END()
