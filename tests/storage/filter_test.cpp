#include "storage/filter.hpp"

#include "storage/sqlite.hpp"

#include "storage/filter_sql.hpp"

#include "tests/support/random_filters.hpp"
#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <variant>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

std::string text_of(const std::string& json) { return must(filter::parse(json)).text(); }

std::string complaint(const std::string& json) {
  const auto parsed = filter::parse(json);
  BOOST_REQUIRE_MESSAGE(!parsed, json.substr(0, 200) << " was taken for a filter");
  BOOST_TEST(parsed.error().code == errc::invalid_filter);
  return parsed.error().detail;
}

bool tells(const std::string& json, const std::string& part) {
  const auto said = complaint(json);
  const auto is_told = said.find(part) != std::string::npos;
  if (!is_told)
    BOOST_TEST_MESSAGE("got: " << said);
  return is_told;
}

std::string repeated(const std::string& what, std::size_t count, const std::string& between = "") {
  std::string made;
  for (std::size_t i = 0; i < count; ++i)
    made.append(i > 0 ? between : "").append(what);
  return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(filters)

BOOST_AUTO_TEST_CASE(the_same_filter_written_in_other_ways_has_the_same_text) {
  const auto text = text_of(R"({"a":{"$gt":1,"$lt":5},"b":"x"})");
  BOOST_TEST(text_of(R"( { "b" : "x" , "a" : { "$lt" : 5 , "$gt" : 1 } } )") == text);
  BOOST_TEST(text_of(R"({"b":"\u0078","a":{"$lt":5,"$gt":1}})") == text);
  BOOST_TEST(text_of(text) == text);
  for (const std::string other :
       {R"({"a":{"$gt":1,"$lt":5},"b":"y"})", R"({"a":{"$gt":1,"$lte":5},"b":"x"})", R"({"a":{"$gt":1},"b":"x"})",
        R"({"a":{"$gt":1,"$lt":5},"c":"x"})", R"({"a":{"$gt":1,"$lt":"5"},"b":"x"})", "{}"})
    BOOST_TEST(text_of(other) != text);
}

BOOST_AUTO_TEST_CASE(a_filter_without_conditions_matches_all) {
  for (const std::string all :
       {"{}", R"({"$and":[{},{}]})", R"({"$or":[{"a":1},{}]})", R"({"$not":{"$not":{}}})", R"({"a":{"$nin":[]}})"})
    BOOST_TEST(must(filter::parse(all)).matches_all());
  for (const std::string some : {R"({"a":1})", R"({"$not":{}})", R"({"a":{"$in":[]}})", R"({"$or":[{"a":1}]})"})
    BOOST_TEST(!must(filter::parse(some)).matches_all());
}

BOOST_AUTO_TEST_CASE(a_copy_outlives_what_it_was_copied_from) {
  const auto copy = [] {
    const auto parsed = must(filter::parse(R"({"a":1})"));
    return parsed;
  }();
  BOOST_TEST(copy.text() == R"({"a":1})");
}

BOOST_AUTO_TEST_CASE(what_is_no_filter_is_refused_in_words_that_say_what_was_expected_and_got) {
  BOOST_TEST(tells("", "JSON"));
  BOOST_TEST(tells("{", "JSON"));
  BOOST_TEST(tells("{'a':1}", "JSON text, got an error at byte 2"));
  BOOST_TEST(tells(R"({"a":1,})", "JSON"));
  BOOST_TEST(tells("{\"a\":\"\xff\"}", "JSON"));
  BOOST_TEST(tells("{\"a\xc3\":1}", "JSON"));
  BOOST_TEST(tells("{} {}", "JSON"));
  BOOST_TEST(tells(R"({"a":1e999})", "JSON"));
  BOOST_TEST(tells(R"({"a":NaN})", "JSON"));
  BOOST_TEST(tells(std::string{"{}\0", 3}, "zero byte"));
  BOOST_TEST(tells("[]", "a filter is an object, got an array"));
  BOOST_TEST(tells("null", "a filter is an object, got null"));
  BOOST_TEST(tells("\"{}\"", "a filter is an object, got a string"));
  BOOST_TEST(tells(R"({"a":[1]})", "a: $eq takes a number, a string, a boolean or null, got an array"));
  BOOST_TEST(tells(R"({"a":{}})", "a: an object of operators was expected, got an empty object"));
  BOOST_TEST(tells(R"({"a":{"b":1}})", "'a.name' is a place inside"));
  BOOST_TEST(tells(R"({"year":{"$gt":[1]}})", "year: $gt takes a number or a string, got an array"));
  for (const std::string name : {"$gt", "$gte", "$lt", "$lte"}) {
    BOOST_TEST(tells("{\"a\":{\"" + name + "\":null}}", name + " takes a number or a string, got null"));
    BOOST_TEST(tells("{\"a\":{\"" + name + "\":true}}", name + " takes a number or a string, got a boolean"));
    BOOST_TEST(tells("{\"a\":{\"" + name + "\":{}}}", "got an empty object"));
  }
  for (const std::string name : {"$eq", "$ne"}) {
    BOOST_TEST(tells("{\"a\":{\"" + name + "\":[]}}", name + " takes a number, a string"));
    BOOST_TEST(tells("{\"a\":{\"" + name + "\":{\"b\":1}}}", "got an object"));
  }
  for (const std::string name : {"$in", "$nin"}) {
    BOOST_TEST(tells("{\"a\":{\"" + name + "\":1}}", name + " takes an array of values, got a number"));
    BOOST_TEST(tells("{\"a\":{\"" + name + "\":[[1]]}}", "got an array"));
    BOOST_TEST(tells("{\"a\":{\"" + name + "\":[{}]}}", "got an empty object"));
  }
  BOOST_TEST(tells(R"({"a":{"$exists":1}})", "$exists takes true or false, got a number"));
  BOOST_TEST(tells(R"({"a":{"$not":5}})", "a: an object of operators was expected, got a number"));
  BOOST_TEST(tells(R"({"a":{"$not":{}}})", "got an empty object"));
  BOOST_TEST(tells(R"({"$not":[]})", "$not takes a filter, which is an object, got an array"));
  for (const std::string name : {"$and", "$or"}) {
    BOOST_TEST(tells("{\"" + name + "\":[]}", name + " takes an array of filters, got an empty one"));
    BOOST_TEST(tells("{\"" + name + "\":{}}", name + " takes an array of filters, got an empty object"));
    BOOST_TEST(tells("{\"" + name + "\":[1]}", name + " takes filters, which are objects, got a number"));
  }
  for (const std::string name : {"$nor", "$where", "$", "$EQ", "$in"})
    BOOST_TEST(tells("{\"" + name + "\":[]}", "there is no operator '" + name + "' of filters"));
  for (const std::string name : {"$regex", "$and", "$size", "$", "gt"})
    BOOST_TEST(tells("{\"a\":{\"" + name + "\":1}}", "a: there is no operator '" + name + "'"));
  BOOST_TEST(tells(R"({"a":1,"a":2})", "once"));
  BOOST_TEST(tells(R"({"a":{"$gt":1,"$gt":2}})", "once"));
  BOOST_TEST(tells(R"({"$or":[{"a":1,"b":2,"\u0061":1}]})", "once"));
  BOOST_TEST(tells(R"({"a":"x\u0000y"})", "a string with a zero byte"));
}

BOOST_AUTO_TEST_CASE(places_that_cannot_be_named_are_refused) {
  for (const std::string name :
       {"", ".", "a.", ".a", "a..b", R"(a\"b)", R"(a\\b)", R"(a\u0000)", R"(a\n)", R"(\u007f)"})
    BOOST_TEST(tells("{\"" + name + "\":1}", "a path of metadata"));
  BOOST_TEST(tells("{\"" + std::string(257, 'a') + "\":1}", "257"));
  BOOST_TEST(filter::parse("{\"" + std::string(256, 'a') + "\":1}").has_value());
}

BOOST_AUTO_TEST_CASE(every_bound_is_told_with_its_figure_and_holds_to_the_last_one) {
  const auto with_conditions = [](std::size_t count) {
    return "{\"$or\":[" + repeated(R"({"a":{"$gt":1}})", count, ",") + "]}";
  };
  BOOST_TEST(filter::parse(with_conditions(512)).has_value());
  BOOST_TEST(tells(with_conditions(513), "512 conditions"));
  const auto with_operands = [](std::size_t count) {
    return "{\"a\":{\"$in\":[" + repeated("7", count / 2, ",") + "]},\"b\":{\"$nin\":["
      + repeated("\"x\"", count - count / 2, ",") + "]}}";
  };
  BOOST_TEST(filter::parse(with_operands(10'000)).has_value());
  BOOST_TEST(tells(with_operands(10'001), "10000 values"));
  const auto nested = [](std::size_t depth) {
    return repeated("{\"$not\":", depth) + R"({"a":1})" + repeated("}", depth);
  };
  BOOST_TEST(filter::parse(nested(31)).has_value());
  BOOST_TEST(tells(nested(32), "32 deep"));
  for (const std::string deep : {"[", "{\"$not\":", "{\"$and\":["})
    BOOST_TEST(tells(repeated(deep, 100'000), "32 deep"));
  const auto long_text = [](std::size_t bytes) {
    const std::string around = R"({"a":""})";
    return around.substr(0, 6) + std::string(bytes - around.size(), 'x') + around.substr(6);
  };
  BOOST_TEST(filter::parse(long_text(1 << 20)).has_value());
  BOOST_TEST(tells(long_text((1 << 20) + 1), "1048577"));
}

BOOST_AUTO_TEST_CASE(nothing_that_a_user_wrote_comes_into_the_sql) {
  const auto parsed = must(filter::parse(
    R"({"qq'); DROP TABLE items; --": {"$in": ["qq' OR 1=1", 77177]}, "$or": [{"qq": {"$gt": 77177.5}}]})"));
  for (const auto& made : {sql_of_rows(parsed.root(), 1), sql_of_field(parsed.root(), 1)}) {
    BOOST_TEST(made.condition.find("qq") == std::string::npos);
    BOOST_TEST(made.condition.find("77177") == std::string::npos);
    BOOST_TEST(!made.values.empty());
  }
}

BOOST_AUTO_TEST_CASE(random_filters_are_filters_and_their_text_is_one_of_the_same) {
  std::mt19937 random{5};
  for (int i = 0; i < 2'000; ++i) {
    const auto written = random_filter(random);
    const auto text = text_of(written.dump(2));
    BOOST_TEST(text == written.dump());
  }
}

BOOST_AUTO_TEST_CASE(random_texts_are_refused_or_taken_and_nothing_else) {
  std::mt19937 random{6};
  for (int i = 0; i < 20'000; ++i) {
    auto text = random_filter(random).dump();
    for (auto changes = 1 + random() % 4; changes > 0 && !text.empty(); --changes) {
      const auto at = random() % text.size();
      switch (random() % 3) {
      case 0: text[at] = static_cast<char>(random() % 256); break;
      case 1: text.erase(at, 1 + random() % 3); break;
      default: text.insert(at, 1, "{}[]$\",:01.\\nt"[random() % 14]); break;
      }
    }
    if (const auto parsed = filter::parse(text); !parsed)
      BOOST_TEST(parsed.error().code == errc::invalid_filter);
  }
}

BOOST_AUTO_TEST_SUITE_END()
