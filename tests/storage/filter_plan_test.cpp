#include "storage/filter_plan.hpp"

#include "storage/filter.hpp"

#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

using kind = field_set::kind;

filter_plan plan_of(const std::string& text) { return plan_filter(must(filter::parse(text)).root(), {"a", "b", "c"}); }

} // namespace

BOOST_AUTO_TEST_SUITE(filter_plans)

BOOST_AUTO_TEST_CASE(both_ends_of_a_range_are_one_walk) {
  const auto made = plan_of(R"({"b":{"$gte":1,"$lt":5}})");
  BOOST_REQUIRE(made.sets.size() == 1U);
  BOOST_TEST((made.sets[0].from.is == kind::scan));
  BOOST_TEST(made.sets[0].from.field == 1U);
  BOOST_TEST(made.sets[0].from.wanted.parts.size() == 2U);
  BOOST_TEST(made.of_rows.parts.empty());
}

BOOST_AUTO_TEST_CASE(what_no_declared_field_says_is_asked_of_rows) {
  const auto made = plan_of(R"({"a":1,"x":2,"$or":[{"b":1},{"x":1}]})");
  BOOST_REQUIRE(made.sets.size() == 1U);
  BOOST_TEST(made.sets[0].from.field == 0U);
  BOOST_TEST(made.of_rows.parts.size() == 2U);
  const auto one_of = plan_of(R"({"$or":[{"b":1},{"x":1}]})");
  BOOST_TEST(one_of.sets.empty());
  BOOST_TEST(one_of.of_rows.parts.size() == 1U);
}

BOOST_AUTO_TEST_CASE(nested_conditions_on_declared_fields_are_sets_of_sets) {
  const auto made = plan_of(R"({"$or":[{"a":1,"b":2},{"c":{"$gt":3}}]})");
  BOOST_REQUIRE(made.sets.size() == 1U);
  const auto& set = made.sets[0].from;
  BOOST_TEST((set.is == kind::one_of));
  BOOST_REQUIRE(set.parts.size() == 2U);
  BOOST_TEST((set.parts[0].is == kind::intersection));
  BOOST_TEST(set.parts[0].parts.size() == 2U);
  BOOST_TEST((set.parts[1].is == kind::scan));
}

BOOST_AUTO_TEST_CASE(what_is_likely_to_let_little_through_comes_first) {
  const auto made = plan_of(R"({"a":{"$ne":1},"b":{"$gt":1},"c":{"$in":[1,2]}})");
  BOOST_REQUIRE(made.sets.size() == 3U);
  BOOST_TEST(made.sets[0].from.field == 2U);
  BOOST_TEST(made.sets[1].from.field == 1U);
  BOOST_TEST(made.sets[2].from.field == 0U);
  const auto ranges = plan_of(R"({"a":{"$gt":1},"b":{"$gt":1,"$lt":3}})");
  BOOST_TEST(ranges.sets.at(0).from.field == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
