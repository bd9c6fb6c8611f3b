#include "storage/snapshot.hpp"

#include "storage/schema.hpp"
#include "storage/writer.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

using floats = std::vector<float>;
using numbers = std::vector<std::uint64_t>;

/// Holds a, b, c with vectors under the labels 2, 3, 4, d without one under 5, and nothing else.
struct seen_file : store {
  collection_id words = make("words", 2);

  seen_file() { put({{"a", floats{1, 2}, "1"}, {"b", floats{3, 4}}, {"c", floats{5, 6}}, {"d"}}); }

  void put(const std::vector<item>& items) {
    commit([&] { must(file->put(words, items)); });
  }
  void remove(const std::vector<std::string>& keys) {
    commit([&] { must(file->remove(words, keys)); });
  }

  std::unique_ptr<snapshot> open() { return must(snapshot::open(path, words)); }
};

struct seen_row {
  std::uint64_t label = 0;
  std::string key;
  floats vector;

  friend bool operator==(const seen_row&, const seen_row&) = default;
};

std::vector<seen_row> rows(snapshot& in, const numbers& labels) {
  std::vector<seen_row> seen;
  must_do(in.read_rows(labels, [&](const row_seen& row) {
    floats vector(row.vector.size() / sizeof(float));
    std::memcpy(vector.data(), row.vector.data(), row.vector.size());
    seen.push_back({row.label, std::string{row.key}, std::move(vector)});
  }));
  return seen;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(snapshots, seen_file)

BOOST_AUTO_TEST_CASE(a_snapshot_knows_its_number_and_collection) {
  const auto seen = open();
  BOOST_TEST(seen->number() == 5U);
  BOOST_TEST(seen->collection().id == words);
  BOOST_TEST(seen->collection().info.items == 4U);
  BOOST_TEST(seen->collection().info.vectors == 3U);
  BOOST_TEST(code_of(snapshot::open(path, 99)) == errc::collection_dropped);
}

BOOST_AUTO_TEST_CASE(rows_come_in_the_order_asked_with_their_bytes) {
  const auto seen = open();
  const std::vector<seen_row> expected{{4, "c", {5, 6}}, {2, "a", {1, 2}}};
  BOOST_TEST((rows(*seen, {4, 2}) == expected));
  BOOST_TEST(rows(*seen, {}).empty());
}

BOOST_AUTO_TEST_CASE(the_living_labels_are_those_with_a_vector_ascending) {
  put({{"a", floats{7, 8}}, {"b"}, {"d", floats{9, 9}}, {"A", floats{0, 0}}});
  const auto other = make("other", 2);
  const std::vector<item> elsewhere{{"x", floats{1, 1}}};
  commit([&] { must(file->put(other, elsewhere)); });
  remove({"c"});
  BOOST_TEST(must(open()->living_labels()) == (numbers{6, 8, 9}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(later_commits_are_not_seen) {
  const auto seen = open();
  put({{"a", floats{7, 8}}, {"e", floats{7, 8}}});
  remove({"b"});
  commit([&] { must(file->publish(words, {1, 1, 8, 0, {}})); });
  commit([&] { must(file->drop_collection("words")); });
  BOOST_TEST(seen->number() == 5U);
  BOOST_TEST(must(seen->living_labels()) == (numbers{2, 3, 4}), boost::test_tools::per_element());
  const std::vector<seen_row> expected{{2, "a", {1, 2}}, {3, "b", {3, 4}}};
  BOOST_TEST((rows(*seen, {2, 3}) == expected));
  BOOST_TEST(!must(seen->base()).has_value());
  BOOST_TEST(code_of(seen->read_rows(numbers{6}, [](const row_seen&) {})) == errc::corrupt);
  BOOST_TEST(code_of(snapshot::open(path, words)) == errc::collection_dropped);
}

BOOST_AUTO_TEST_CASE(deaths_are_told_with_their_numbers_and_dead_rows_can_be_read) {
  remove({"b"});
  put({{"c", floats{1, 1}}});
  const auto seen = open();
  const std::vector<seen_row> expected{{3, "b", {3, 4}}, {4, "c", {5, 6}}};
  BOOST_TEST((rows(*seen, {3, 4}) == expected));
  const auto deaths = must(seen->deaths_after(5));
  BOOST_REQUIRE(deaths.size() == 2U);
  BOOST_TEST((deaths[0].number == 6 && deaths[0].label == 3));
  BOOST_TEST((deaths[1].number == 7 && deaths[1].label == 4));
  BOOST_TEST(must(seen->deaths_after(6)).size() == 1U);
}

BOOST_AUTO_TEST_CASE(every_damage_to_a_row_is_noticed) {
  remove({"c"});
  const numbers all{2, 3, 4};
  BOOST_TEST(rows(*open(), all).size() == 3U);
  for (const std::string damage :
       {// Of the living row 3.
        "UPDATE vectors SET vector = x'0000404000008041' WHERE label = 3",
        "UPDATE vectors SET vector = x'' WHERE label = 3",
        "UPDATE vectors SET vector = substr(vector, 1, 4) WHERE label = 3",
        "UPDATE vectors SET checksum = checksum + 1 WHERE label = 3",
        "UPDATE vectors SET vector = (SELECT vector FROM vectors WHERE label = 2),"
        " checksum = (SELECT checksum FROM vectors WHERE label = 2) WHERE label = 3",
        "DELETE FROM vectors WHERE label = 3", "UPDATE items SET key = 'B' WHERE label = 3",
        "UPDATE items SET metadata = '1' WHERE label = 3", "UPDATE items SET has_vector = 0 WHERE label = 3",
        "UPDATE items SET collection = 99 WHERE label = 3", "UPDATE items SET checksum = checksum + 1 WHERE label = 3",
        "UPDATE items SET died_at = 6 WHERE label = 3", "DELETE FROM items WHERE label = 3",
        // Of row 4, which is dead: it rises again, or died at another time.
        "UPDATE items SET died_at = NULL WHERE label = 4", "UPDATE items SET died_at = 7 WHERE label = 4"}) {
    sql(path, "CREATE TABLE i AS SELECT * FROM items; CREATE TABLE v AS SELECT * FROM vectors; " + damage);
    BOOST_TEST_CONTEXT(damage)
    for (const auto& labels : {all, numbers{4, 3, 2}})
      BOOST_TEST(code_of(open()->read_rows(labels, [](const row_seen&) {})) == errc::corrupt);
    sql(path,
        "DELETE FROM items; INSERT INTO items SELECT * FROM i; DROP TABLE i;"
        "DELETE FROM vectors; INSERT INTO vectors SELECT * FROM v; DROP TABLE v");
  }
  BOOST_TEST(rows(*open(), all).size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_row_that_has_no_vector_is_none_to_read) {
  BOOST_TEST(code_of(open()->read_rows(numbers{5}, [](const row_seen&) {})) == errc::corrupt);
}

BOOST_AUTO_TEST_CASE(rows_before_a_damaged_one_are_given_and_none_after_it) {
  sql(path, "DELETE FROM vectors WHERE label = 3");
  numbers given;
  BOOST_TEST(!open()->read_rows(numbers{2, 3, 4}, [&](const row_seen& row) { given.push_back(row.label); }));
  BOOST_TEST(given == numbers{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_row_that_lost_its_mark_of_a_vector_is_met_by_its_reader_at_the_latest) {
  const auto is_met = [&] {
    const auto seen = open();
    const auto labels = seen->living_labels();
    return !labels || !seen->read_rows(*labels, [](const row_seen&) {});
  };
  BOOST_TEST(!is_met());
  sql(path, "UPDATE items SET has_vector = 0 WHERE label = 3");
  BOOST_TEST(is_met());
  sql(path, "UPDATE items SET has_vector = 1 WHERE label = 3");
  remove({"d"});
  BOOST_TEST(!is_met());
  sql(path, "UPDATE items SET has_vector = 0 WHERE label = 3");
  BOOST_TEST(is_met());
}

BOOST_AUTO_TEST_CASE(a_file_that_was_upgraded_meanwhile_is_not_loaded) {
  sql(path, "PRAGMA user_version = " + std::to_string(format_version + 1));
  BOOST_TEST(code_of(snapshot::open(path, words)) == errc::newer_format);
}

BOOST_AUTO_TEST_SUITE_END()
