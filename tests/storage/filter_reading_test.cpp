#include "storage/filter_reading.hpp"

#include "tests/storage/filtered.hpp"
#include "tests/support/random_filters.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

/// The declared ones are some of `random_paths`.
const std::vector<std::string> declared{"a", "c", "in.x", "in.deep.x", "it's [a] \xe2\x82\xac name"};

/// The same items, some of them dead, in a collection with declared fields and in one without.
struct two_collections : filtered_store {
  collection_id plain = make_with("plain", {});
  collection_id indexed = make_with("indexed", declared);
  std::mt19937 random{11};

  void fill(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto metadata = random_metadata(random);
      put_both("key " + std::to_string(random() % (count * 3 / 4)), metadata);
      if (i % 10 == 9)
        remove_both(rows[plain][random() % rows[plain].size()].key);
    }
  }

  void put_both(const std::string& key, const std::string& metadata) {
    put(plain, key, metadata);
    put(indexed, key, metadata);
  }

  void remove_both(const std::string& key) {
    remove(plain, key);
    remove(indexed, key);
  }

  std::uint64_t last() { return must(read->figures(plain)).number; }

  void check(const nlohmann::json& filter, const filter_range& within = {}, std::size_t slice = 1'000'000) {
    const auto text = filter.dump();
    for (const auto in : {plain, indexed}) {
      const auto got = found(in, text, within, slice);
      const auto wanted = expected(in, filter, within);
      BOOST_TEST((got == wanted),
                 text << (in == plain ? " in rows: " : " by fields: ") << got.size() << " labels, expected "
                      << wanted.size());
    }
  }
};

/// What one item's metadata is asked.
struct question {
  std::string filter;
  std::string metadata;
  bool holds;
};

const std::vector<question> questions{
  {R"({"a":1})", R"({"a":1})", true},
  {R"({"a":1})", R"({"a":1.0})", true},
  {R"({"a":1.0})", R"({"a":1})", true},
  {R"({"a":0})", R"({"a":-0.0})", true},
  {R"({"a":100})", R"({"a":1e2})", true},
  {R"({"a":1})", R"({"a":"1"})", false},
  {R"({"a":1})", R"({"a":true})", false},
  {R"({"a":1})", R"({"a":[1]})", false},
  {R"({"a":1})", R"({"b":1})", false},
  {R"({"a":9007199254740993})", R"({"a":9007199254740992.0})", false},
  {R"({"a":9007199254740993})", R"({"a":9007199254740993})", true},
  {R"({"a":0.1})", R"({"a":0.10})", true},
  {R"({"a":0.30000000000000004})", R"({"a":0.30000000000000004})", true},
  {R"({"a":0.3})", R"({"a":0.30000000000000004})", false},
  {R"({"a":18446744073709551616})", R"({"a":18446744073709551617})", true},
  {R"({"a":9223372036854775808})", R"({"a":9223372036854775807})", false},
  {R"({"a":{"$gt":9223372036854775806}})", R"({"a":9223372036854775807})", true},
  {R"({"a":{"$lt":-9223372036854775807}})", R"({"a":-9223372036854775808})", true},
  {R"({"a":"x"})", R"({"a":"x"})", true},
  {R"({"a":"x"})", R"({"a":"X"})", false},
  {R"({"a":"x"})", R"({"a":"\u0078"})", true},
  {R"({"a":""})", R"({"a":""})", true},
  {R"({"a":""})", R"({"a":null})", false},
  {R"({"a":"é"})", R"({"a":"\u00e9"})", true},
  {R"({"a":"😀"})", R"({"a":"\ud83d\ude00"})", true},
  {R"({"é":1})", R"({"é":1})", true},
  // Documented: names are compared as they are written.
  {R"({"é":1})", R"({"\u00e9":1})", false},
  {R"({"a":1})", R"({"a":1,"a":2})", true},
  {R"({"a":2})", R"({"a":1,"a":2})", false},
  {R"({"a":"x"})", R"({"a":"x\u0000y"})", true},
  {R"({"a":true})", R"({"a":true})", true},
  {R"({"a":true})", R"({"a":false})", false},
  {R"({"a":true})", R"({"a":1})", false},
  {R"({"a":null})", R"({"a":null})", true},
  {R"({"a":null})", "{}", true},
  {R"({"a":null})", "", true},
  {R"({"a":null})", R"({"a":0})", false},
  {R"({"a":null})", R"({"a":{}})", false},
  {R"({"a":{"$ne":null}})", "{}", false},
  {R"({"a":{"$ne":null}})", R"({"a":null})", false},
  {R"({"a":{"$ne":null}})", R"({"a":[]})", true},
  {R"({"a":{"$ne":1}})", R"({"a":1.0})", false},
  {R"({"a":{"$ne":1}})", R"({"a":"1"})", true},
  {R"({"a":{"$ne":1}})", "", true},
  {R"({"a":{"$ne":1}})", "5", true},
  {R"({"a":{"$ne":1}})", R"([{"a":1}])", true},
  {R"({"a":{"$gt":1}})", R"({"a":1})", false},
  {R"({"a":{"$gt":1}})", R"({"a":1.0000001})", true},
  {R"({"a":{"$gte":1}})", R"({"a":1})", true},
  {R"({"a":{"$lt":1}})", R"({"a":0.9999999})", true},
  {R"({"a":{"$lte":1}})", R"({"a":1.0})", true},
  {R"({"a":{"$lt":1}})", R"({"a":"0"})", false},
  {R"({"a":{"$lt":1}})", "{}", false},
  {R"({"a":{"$gt":"a"}})", R"({"a":"b"})", true},
  {R"({"a":{"$gt":"a"}})", R"({"a":"aa"})", true},
  {R"({"a":{"$gt":"Z"}})", R"({"a":"a"})", true},
  {R"({"a":{"$gt":"z"}})", R"({"a":"é"})", true},
  {R"({"a":{"$gt":""}})", R"({"a":1})", false},
  {R"({"a":{"$gte":1,"$lt":5}})", R"({"a":5})", false},
  {R"({"a":{"$gte":1,"$lt":5}})", R"({"a":4.9})", true},
  {R"({"a":{"$in":[1,"x",null]}})", R"({"a":1.0})", true},
  {R"({"a":{"$in":[1,"x",null]}})", R"({"a":"x"})", true},
  {R"({"a":{"$in":[1,"x",null]}})", "{}", true},
  {R"({"a":{"$in":[1,"x",null]}})", R"({"a":"1"})", false},
  {R"({"a":{"$in":[true]}})", R"({"a":true})", true},
  {R"({"a":{"$in":[]}})", R"({"a":1})", false},
  {R"({"a":{"$in":[]}})", "{}", false},
  {R"({"a":{"$nin":[]}})", "{}", true},
  {R"({"a":{"$nin":[1,"x"]}})", R"({"a":"x"})", false},
  {R"({"a":{"$nin":[1,"x"]}})", "{}", true},
  {R"({"a":{"$nin":[1,null]}})", "{}", false},
  {R"({"a":{"$nin":[1]}})", R"({"a":[1]})", true},
  {R"({"a":{"$exists":true}})", R"({"a":null})", true},
  {R"({"a":{"$exists":true}})", R"({"a":{}})", true},
  {R"({"a":{"$exists":true}})", "{}", false},
  {R"({"a":{"$exists":false}})", "", true},
  {R"({"a":{"$exists":false}})", R"({"a":null})", false},
  {R"({"a":{"$not":{"$gt":5}}})", R"({"a":5})", true},
  {R"({"a":{"$not":{"$gt":5}}})", R"({"a":6})", false},
  {R"({"a":{"$not":{"$gt":5}}})", "{}", true},
  {R"({"a":{"$not":{"$gt":5,"$lt":9}}})", R"({"a":9})", true},
  {R"({"a":{"$not":{"$not":{"$gt":5}}}})", "{}", false},
  {R"({"a":1,"b":2})", R"({"a":1,"b":2})", true},
  {R"({"a":1,"b":2})", R"({"a":1})", false},
  {R"({"$and":[{"a":1},{"b":2}]})", R"({"a":1,"b":2})", true},
  {R"({"$or":[{"a":1},{"b":2}]})", R"({"a":3,"b":2})", true},
  {R"({"$or":[{"a":1},{"b":2}]})", R"({"a":3,"b":3})", false},
  {R"({"$not":{"a":1,"b":2}})", R"({"a":1})", true},
  {R"({"$not":{"a":1,"b":2}})", R"({"a":1,"b":2})", false},
  {R"({"$not":{"$or":[{"a":1},{"b":2}]}})", "{}", true},
  {R"({"$not":{"$or":[{"a":1},{"b":2}]}})", R"({"b":2})", false},
  {R"({"$not":{}})", "{}", false},
  {R"({"$or":[{"$not":{}},{"a":1}]})", R"({"a":1})", true},
  {"{}", "", true},
  {"{}", "5", true},
  {R"({"b.c":1})", R"({"b":{"c":1}})", true},
  {R"({"b.c":1})", R"({"b.c":1})", false},
  {R"({"b.c":1})", R"({"b":[{"c":1}]})", false},
  {R"({"b.c":null})", R"({"b":5})", true},
  {R"({"a[0]":1})", R"({"a":[1]})", false},
  {R"({"a[0]":1})", R"({"a[0]":1})", true},
  {R"({"#":1})", R"({"#":1})", true},
};

} // namespace

BOOST_AUTO_TEST_SUITE(reading_filters)

BOOST_FIXTURE_TEST_CASE(each_operator_holds_where_its_contract_says, filtered_store) {
  for (const auto& fields : std::vector<std::vector<std::string>>{{}, {"a", "b", "b.c"}}) {
    const auto in = make_with("asked " + std::to_string(fields.size()), fields);
    for (const auto& each : questions) {
      put(in, "key", each.metadata);
      BOOST_TEST((found(in, each.filter, {0, rows[in].back().label}).size() == 1) == each.holds,
                 each.filter << " of " << each.metadata << (fields.empty() ? " in rows" : " by fields"));
      BOOST_TEST(must(read->count(in, must(filter::parse(each.filter)))) == (each.holds ? 1U : 0U));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(random_filters_give_the_labels_that_the_interpreter_gives, two_collections) {
  fill(90);
  for (int i = 0; i < 10'000; ++i)
    check(random_filter(random), {0, i % 3 == 0 ? 0 : random() % (last() + 2)}, i % 5 == 0 ? 7 : 1'000'000);
}

BOOST_FIXTURE_TEST_CASE(what_was_read_up_to_a_number_is_brought_up_to_the_newest_by_what_comes_after_it,
                        two_collections) {
  fill(60);
  for (int i = 0; i < 500; ++i) {
    const auto filter = random_filter(random);
    const auto text = filter.dump();
    auto before = begin(indexed, text);
    const auto known = before->number();
    put_both("key " + std::to_string(random() % 60), random_metadata(random));
    if (i % 7 == 0)
      remove_both(rows[plain][random() % rows[plain].size()].key);
    // The snapshot is as it was.
    auto together = all_of(*before);
    BOOST_TEST(std::ranges::all_of(together, [&](auto label) { return label <= known; }));
    const auto after = begin(indexed, text, {known, 0});
    BOOST_TEST(after->number() == last());
    BOOST_TEST(!after->by_index());
    const auto more = all_of(*after, 3);
    together.insert(together.end(), more.begin(), more.end());
    BOOST_TEST((together == found(indexed, text)), text);
    check(filter, {known, known});
  }
}

BOOST_FIXTURE_TEST_CASE(a_collection_that_is_a_small_part_of_its_file_gives_the_same_labels, two_collections) {
  fill(40);
  const auto filler = make_with("filler", {"a"});
  std::vector<item> items;
  for (int i = 0; i < 2'000; ++i)
    items.push_back({"key " + std::to_string(i), {}, R"({"a":1,"b":1})"});
  commit([&] { must(file->put(filler, items)); });
  fill(40);
  for (int i = 0; i < 500; ++i)
    check(random_filter(random), {0, random() % (last() + 2)}, 50);
}

BOOST_FIXTURE_TEST_CASE(declared_fields_are_used_where_they_can_be, two_collections) {
  fill(40);
  const auto uses = [&](const std::string& text) { return begin(indexed, text)->by_index(); };
  for (const auto* text :
       {R"({"a":1})", R"({"a":{"$ne":1}})", R"({"c":1,"b":1})", R"({"$or":[{"a":1},{"c":2}]})",
        R"({"in.x":{"$exists":false}})", R"({"$not":{"a":1,"c":1}})", R"({"it's [a] € name":{"$in":[1,2]}})"}) {
    BOOST_TEST(uses(text), text);
    BOOST_TEST(!begin(plain, text)->by_index());
  }
  for (const auto* text : {"{}", R"({"b":1})", R"({"$or":[{"a":1},{"b":2}]})", R"({"in":1})"})
    BOOST_TEST(!uses(text), text);
}

BOOST_FIXTURE_TEST_CASE(labels_ascend_and_slices_give_no_more_than_they_were_asked_for, two_collections) {
  fill(80);
  for (const auto* text :
       {"{}", R"({"b":{"$exists":true}})", R"({"a":{"$exists":true}})", R"({"a":{"$ne":2},"b":null})"})
    for (const auto in : {plain, indexed}) {
      const auto reading = begin(in, text);
      labels got;
      for (bool more = true; more;) {
        const auto before = got.size();
        more = must(reading->step(5, got));
        BOOST_TEST(got.size() - before <= 5U);
      }
      BOOST_TEST(!must(reading->step(5, got)));
      BOOST_TEST(!got.empty());
      BOOST_TEST((std::ranges::adjacent_find(got, std::ranges::greater_equal{}) == got.end()));
    }
}

BOOST_FIXTURE_TEST_CASE(filters_at_every_bound_are_evaluated, two_collections) {
  fill(20);
  auto many = nlohmann::json::array();
  for (int i = 0; i < 512; ++i)
    many.push_back({{i % 2 == 0 ? "a" : "b", {{i % 3 == 0 ? "$ne" : "$gt", i}}}});
  check({{"$or", many}});
  check({{"$and", many}});
  // 15 brackets in each other, each with others beside it, on both sides.
  for (const bool of_fields : {false, true}) {
    nlohmann::json deep{{"c", 1}};
    for (int level = 0; level < 14; ++level) {
      auto parts = nlohmann::json::array();
      for (int i = 0; i < 15; ++i)
        parts.push_back({{of_fields ? "a" : "b", {{"$nin", {i, "x", nullptr, true, 1.5}}}}});
      const nlohmann::json pair{{level % 2 == 0 ? "$and" : "$or", {{{"a", level}}, {{"c", level}}}}};
      parts.insert(parts.begin() + 7, pair);
      parts.insert(parts.begin() + 8, deep);
      deep = {{level % 2 == 0 ? "$or" : "$and", parts}};
    }
    check(deep);
    check({{"$not", deep}});
  }
  auto list = nlohmann::json::array();
  for (int i = 0; i < 10'000; ++i)
    list.push_back(i % 2 == 0 ? nlohmann::json(i) : nlohmann::json(i + 0.5));
  for (const auto* place : {"a", "b"}) {
    check({{place, {{"$in", list}}}});
    check({{place, {{"$nin", list}}}});
  }
}

BOOST_FIXTURE_TEST_CASE(several_readings_of_one_source_have_each_their_own_snapshot, two_collections) {
  const auto first = put(plain, "a", R"({"a":1})");
  auto one = begin(plain, R"({"a":1})");
  const auto second = put(plain, "b", R"({"a":1})");
  auto two = begin(plain, R"({"a":1})");
  BOOST_TEST(one->number() == first);
  BOOST_TEST(two->number() == second);
  BOOST_TEST((all_of(*one) == labels{first}));
  source.reset();
  BOOST_TEST((all_of(*two) == labels{first, second}));
}

BOOST_FIXTURE_TEST_CASE(a_reading_says_whether_rows_that_lived_then_may_be_gone, filtered_store) {
  const auto in = make_with("words", {"a"});
  const auto first = put(in, "a", R"({"a":1})");
  const auto second = put(in, "a", R"({"a":1})");
  BOOST_TEST(!begin(in, R"({"a":1})", {0, first})->swept());
  BOOST_TEST((found(in, R"({"a":1})", {0, first}) == labels{first, second}));
  sql(path, "UPDATE collections SET dropped_up_to = " + std::to_string(second));
  BOOST_TEST(begin(in, R"({"a":1})", {0, first})->swept());
  BOOST_TEST(!begin(in, R"({"a":1})", {0, second})->swept());
}

BOOST_FIXTURE_TEST_CASE(a_collection_that_does_not_live_is_an_error, filtered_store) {
  const auto in = make_with("words", {"a"});
  const auto all = must(filter::parse("{}"));
  BOOST_TEST(code_of(source->begin(in + 1, all, {})) == errc::collection_dropped);
  commit([&] { must(file->drop_collection("words")); });
  BOOST_TEST(code_of(source->begin(in, all, {})) == errc::collection_dropped);
  BOOST_TEST(code_of(read->count(in, all)) == errc::collection_dropped);
}

BOOST_FIXTURE_TEST_CASE(a_file_of_a_newer_lodge_is_not_read, filtered_store) {
  const auto in = make_with("words", {});
  sql(path, "PRAGMA user_version = 99");
  BOOST_TEST(code_of(source->begin(in, must(filter::parse("{}")), {})) == errc::newer_format);
}

BOOST_FIXTURE_TEST_CASE(damaged_metadata_is_an_error_that_names_it, filtered_store) {
  const auto in = make_with("words", {});
  const auto label = put(in, "a", R"({"a":1})");
  const auto read_it = [&] {
    labels got;
    return code_of(begin(in, R"({"a":1})")->step(100, got));
  };
  BOOST_TEST(read_it() == errc::none);
  for (const std::string damaged : {"{", R"({"a":2})", "", R"(x'7b7d')"}) {
    sql(path,
        "UPDATE items SET metadata = " + (damaged.starts_with('x') ? damaged : "'" + damaged + "'")
          + " WHERE label = " + std::to_string(label));
    BOOST_TEST(read_it() == errc::corrupt, damaged);
    BOOST_TEST(code_of(read->count(in, must(filter::parse(R"({"a":1})")))) == errc::corrupt);
  }
}

BOOST_FIXTURE_TEST_CASE(values_that_lead_to_no_row_are_an_error_where_rows_are_asked, filtered_store) {
  const auto in = make_with("words", {"a"});
  const auto label = put(in, "a", R"({"a":1})");
  sql(path,
      "INSERT INTO field_values(collection, field, kind, value, label) VALUES (" + std::to_string(in) + ", 0, 1, 1, "
        + std::to_string(label + 70) + ")");
  labels got;
  BOOST_TEST(code_of(begin(in, R"({"a":1,"b":null})")->step(100, got)) == errc::corrupt);
}

BOOST_AUTO_TEST_SUITE_END()
