#include "storage/check.hpp"
#include "storage/snapshot.hpp"

#include "tests/storage/filtered.hpp"
#include "tests/support/random_filters.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

struct valued_file : filtered_store {
  collection_id words = make_with("words", {"a", "b.c"});

  std::int64_t values(const std::string& which = "1") {
    return sql(path, "SELECT count(*) FROM field_values WHERE " + which);
  }

  std::map<std::string, std::string> unsound() {
    std::map<std::string, std::string> found;
    must_do(check_rows(path, [&](const finding& each) {
      if (!each.sound)
        found[each.subject] = each.detail;
    }));
    return found;
  }

  void sweep() {
    for (bool more = true; more;)
      commit([&] { more = must(file->sweep(2)); });
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(values_of_fields, valued_file)

BOOST_AUTO_TEST_CASE(each_row_of_a_collection_has_its_value_of_each_declared_field) {
  put(words, "1", R"({"a":1,"b":{"c":"x"}})");
  put(words, "2", R"({"a":1.5,"b":{"c":true}})");
  put(words, "3", R"({"a":null,"b":{"c":[1]}})");
  put(words, "4", R"({"a":false,"b":{"c":{}}})");
  put(words, "5", "");
  BOOST_TEST(values() == 10);
  for (const auto* which :
       {"field = 0 AND kind = 1 AND value = 1", "field = 0 AND kind = 1 AND value = 1.5",
        "field = 0 AND kind = 5 AND value = ''", "field = 0 AND kind = 3", "field = 0 AND kind = 0",
        "field = 1 AND kind = 2 AND value = 'x'", "field = 1 AND kind = 4", "field = 1 AND kind = 0"})
    BOOST_TEST(values(which) == 1, which);
  BOOST_TEST(values("field = 1 AND kind = 6 AND value = ''") == 2);
  BOOST_TEST(unsound().empty());
}

BOOST_AUTO_TEST_CASE(a_collection_without_fields_has_none) {
  put(make_with("plain", {}), "1", R"({"a":1})");
  BOOST_TEST(values() == 0);
}

BOOST_AUTO_TEST_CASE(new_metadata_is_a_new_row_with_values_of_its_own) {
  const auto before = put(words, "1", R"({"a":1})");
  const auto after = commit([&] { must(file->update_metadata(words, "1", R"({"a":2})")); });
  BOOST_TEST(values("label = " + std::to_string(before) + " AND field = 0 AND value = 1") == 1);
  BOOST_TEST(values("label = " + std::to_string(after) + " AND field = 0 AND value = 2") == 1);
  BOOST_TEST((found(words, R"({"a":{"$exists":true}})", {0, after}) == labels{after}));
}

BOOST_AUTO_TEST_CASE(a_put_that_is_undone_leaves_no_value) {
  must_do(file->begin(writer::clock::now()));
  const std::vector<item> items{{"a", {}, R"({"a":1})"}};
  must(file->put(words, items));
  file->roll_back();
  BOOST_TEST(values() == 0);
}

BOOST_AUTO_TEST_CASE(sweeping_takes_the_values_of_the_rows_that_it_takes) {
  std::mt19937 random{3};
  for (int i = 0; i < 50; ++i)
    put(words, "key " + std::to_string(i % 10), random_metadata(random));
  remove(words, "key 3");
  // The last change stays in the log.
  make_with("other", {});
  sql(path, "UPDATE collections SET dropped_up_to = (SELECT sequence FROM file)");
  BOOST_TEST(values() == 100);
  sweep();
  BOOST_TEST(sql(path, "SELECT count(*) FROM items") == 9);
  BOOST_TEST(values() == 18);
  BOOST_TEST(unsound().empty());
}

BOOST_AUTO_TEST_CASE(a_dropped_collection_loses_its_values_in_sweeping_and_no_other_does) {
  const auto other = make_with("other", {"a"});
  for (int i = 0; i < 20; ++i) {
    put(words, std::to_string(i), R"({"a":1,"b":{"c":2}})");
    put(other, std::to_string(i), R"({"a":1})");
  }
  // Its value is not found by what the row says.
  sql(path, "UPDATE items SET metadata = '{' WHERE collection = " + std::to_string(words) + " AND key = '7'");
  commit([&] { must(file->drop_collection("words")); });
  BOOST_TEST(values() == 60);
  sweep();
  BOOST_TEST(values() == 20);
  BOOST_TEST(values("collection = " + std::to_string(other)) == 20);
}

BOOST_AUTO_TEST_CASE(a_check_finds_values_that_are_missing_too_many_or_others) {
  const auto label = std::to_string(put(words, "1", R"({"a":1,"b":{"c":"x"}})"));
  const std::string missing = "rows without a value of a declared field";
  const std::string no_rows = "values of declared fields that are no row's";
  BOOST_TEST(unsound().empty());
  sql(path, "UPDATE field_values SET value = 2 WHERE field = 0");
  BOOST_TEST(unsound()[missing] == "1");
  BOOST_TEST(unsound()[no_rows] == "1");
  sql(path, "DELETE FROM field_values WHERE field = 0");
  BOOST_TEST(unsound()[missing] == "1");
  BOOST_TEST(!unsound().contains(no_rows));
  sql(path,
      "INSERT INTO field_values(collection, field, kind, value, label) VALUES ((SELECT id FROM collections), 0, 1, 1, "
        + label + ")");
  BOOST_TEST(unsound().empty());
  for (const std::string& wrong : {std::string{"0, 1, 1, 99"}, "2, 0, '', " + label, "0, 2, '1', " + label}) {
    sql(path,
        "INSERT INTO field_values(collection, field, kind, value, label) VALUES ((SELECT id FROM collections), " + wrong
          + ")");
    BOOST_TEST(unsound()[no_rows] == "1", wrong);
    BOOST_TEST(!unsound().contains(missing));
    sql(path, "DELETE FROM field_values WHERE (field, kind, value, label) = (" + wrong + ")");
  }
  BOOST_TEST(unsound().empty());
}

BOOST_AUTO_TEST_CASE(malformed_metadata_does_not_come_in_where_a_field_is_declared) {
  const std::vector<item> items{{"a", {}, "{"}};
  commit([&] { BOOST_TEST(code_of(file->put(words, items)) == errc::corrupt); });
  BOOST_TEST(values() == 0);
  BOOST_TEST(sql(path, "SELECT count(*) FROM items") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
