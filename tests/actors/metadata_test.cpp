#include "actors/json_depth.hpp"
#include "actors/validate.hpp"

#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::test;

namespace {

std::string arrays(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string objects(std::size_t depth) {
  std::string made;
  for (std::size_t i = 0; i < depth; ++i)
    made += "{\"a\":";
  return made + "1" + std::string(depth, '}');
}

} // namespace

BOOST_AUTO_TEST_SUITE(metadata)

BOOST_AUTO_TEST_CASE(the_depth_of_a_json_text_counts_objects_and_arrays_inside_each_other) {
  BOOST_TEST(json_depth("1").value() == 0U);
  BOOST_TEST(json_depth("{}").value() == 1U);
  BOOST_TEST(json_depth(R"({"a":[1,{}],"b":{"c":1}})").value() == 3U);
  BOOST_TEST(json_depth(R"([[],[],[]])").value() == 2U);
  BOOST_TEST(json_depth(R"("[[[[")").value() == 0U);
  BOOST_TEST(json_depth(arrays(100'000)).value() == 100'000U);
  for (const auto& bad : std::vector<std::string>{"", "{", "[}", "\xef\xbb\xbf{}", std::string{"{}\0", 3}, "{} {}"})
    BOOST_TEST(!json_depth(bad));
}

BOOST_AUTO_TEST_CASE(metadata_that_is_nested_too_deep_is_refused_with_both_figures) {
  for (const auto& made : {arrays(200), objects(200)})
    must_do(check_metadata(made));
  for (const auto& made : {arrays(201), objects(201), arrays(1'000'000)}) {
    const auto refused = check_metadata(made);
    BOOST_REQUIRE(!refused);
    BOOST_TEST(refused.error().code == errc::invalid_metadata);
    BOOST_TEST(refused.error().detail.find("up to 200 deep") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(metadata_with_what_not_all_readers_of_json_let_pass_is_refused) {
  for (const auto& bad : std::vector<std::string>{"\xef\xbb\xbf{}", std::string{"{}\0", 3}, "{", " "})
    BOOST_TEST(code_of(check_metadata(bad)) == errc::invalid_metadata);
  for (const std::string good : {"", "{}", "null", "5", "\"\\u0000\"", " {\"a\" : 1}\n"})
    must_do(check_metadata(good));
}

BOOST_AUTO_TEST_SUITE_END()
