#include "storage/reader.hpp"

#include "storage/schema.hpp"
#include "storage/writer.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

using floats = std::vector<float>;
using numbers = std::vector<std::uint64_t>;
using texts = std::vector<std::string>;

struct read_file : store {
  collection_id words = make("words", 2);

  std::uint64_t put(const std::vector<item>& items) {
    return commit([&] { must(file->put(words, items)); });
  }

  std::uint64_t remove(const texts& keys) {
    return commit([&] { must(file->remove(words, keys)); });
  }
};

texts keys_of(const page& read) {
  texts keys;
  for (const auto& one : read.records)
    keys.push_back(one.key);
  return keys;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(reading, read_file)

BOOST_AUTO_TEST_CASE(the_identity_is_the_files) { BOOST_TEST(read->identity() == identity); }

BOOST_AUTO_TEST_CASE(a_key_that_is_not_there_is_an_error_and_not_contained) {
  put({{"a"}});
  BOOST_TEST(code_of(read->get(words, "b")) == errc::key_not_found);
  BOOST_TEST(code_of(read->get(words, "")) == errc::key_not_found);
  BOOST_TEST(must(read->contains(words, "a")));
  BOOST_TEST(!must(read->contains(words, "A")));
  BOOST_TEST(code_of(read->get(99, "a")) == errc::collection_dropped);
}

BOOST_AUTO_TEST_CASE(pages_come_in_the_order_of_the_keys_bytes_and_say_if_more_follows) {
  const texts sorted{std::string{"\x01"}, "10", "9", "A", "B", "a", "aa", "b", "\xc3\xa9", "\xf0\x9f\x98\x80"};
  for (const auto place : {3U, 9U, 0U, 7U, 1U, 8U, 5U, 2U, 6U, 4U})
    put({{sorted[place], floats{1, 2}, "1"}});
  const auto whole = must(read->scan(words, "", 10));
  BOOST_TEST(keys_of(whole) == sorted, boost::test_tools::per_element());
  BOOST_TEST(!whole.more);
  for (const std::uint64_t limit : {1U, 2U, 3U, 7U, 9U, 10U, 11U, 10'000U}) {
    texts seen;
    page last;
    do {
      last = must(read->scan(words, seen.empty() ? "" : seen.back(), limit));
      BOOST_TEST(last.records.size() <= limit);
      BOOST_REQUIRE(!last.records.empty());
      for (const auto& key : keys_of(last))
        seen.push_back(key);
      BOOST_TEST(last.more == (seen.size() < sorted.size()));
    } while (last.more);
    BOOST_TEST(seen == sorted, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_page_begins_after_any_key_stored_or_not) {
  put({{"a"}, {"b"}, {"c"}});
  BOOST_TEST(keys_of(must(read->scan(words, "a", 10))) == (texts{"b", "c"}), boost::test_tools::per_element());
  BOOST_TEST(keys_of(must(read->scan(words, "aa", 10))) == (texts{"b", "c"}), boost::test_tools::per_element());
  BOOST_TEST(must(read->scan(words, "c", 10)).records.empty());
  BOOST_TEST(!must(read->scan(words, "c", 10)).more);
}

BOOST_AUTO_TEST_CASE(a_page_holds_living_items_whole_and_only_of_its_collection) {
  const auto other = make("other", 2);
  put({{"a", floats{1, 2}, "1"}, {"b"}, {"c", floats{5, 6}}});
  const std::vector<item> elsewhere{{"aa"}, {"d"}};
  commit([&] { must(file->put(other, elsewhere)); });
  const auto updated = put({{"c", floats{7, 8}, "2"}});
  remove({"b"});
  const auto got = must(read->scan(words, "", 2));
  BOOST_TEST(keys_of(got) == (texts{"a", "c"}), boost::test_tools::per_element());
  BOOST_TEST(!got.more);
  BOOST_TEST(*got.records[1].vector == (floats{7, 8}), boost::test_tools::per_element());
  BOOST_TEST(got.records[1].metadata == "2");
  BOOST_TEST((got.records[1].version == position{identity, updated}));
}

BOOST_AUTO_TEST_CASE(vectors_are_told_as_long_as_labels_are_named) {
  const auto last = put({{"a", floats{1, 2}}, {"b", floats{3, 4}}, {"c", floats{5, 6}}, {"none"}});
  remove({"b"});
  const auto told_of = [&](const numbers& labels) -> std::pair<result<bool>, floats> {
    floats told;
    auto next = labels.begin();
    auto there = read->vectors(
      2, [&] { return next == labels.end() ? std::nullopt : std::optional{*next++}; },
      [&](std::span<const std::uint8_t> vector) {
        BOOST_REQUIRE(vector.size() == 8U);
        told.resize(told.size() + 2);
        std::memcpy(&told[told.size() - 2], vector.data(), 8);
      });
    return {std::move(there), std::move(told)};
  };
  const auto [there, told] = told_of({last - 1, last - 2, last - 3});
  BOOST_TEST(must(there));
  BOOST_TEST(told == (floats{5, 6, 3, 4, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(must(told_of({}).first));
  const auto [swept, before] = told_of({last - 1, 999, last - 3});
  BOOST_TEST(!must(swept));
  BOOST_TEST(before == (floats{5, 6}), boost::test_tools::per_element());
  sql(path, "UPDATE vectors SET vector = zeroblob(8) WHERE label = " + std::to_string(last - 3));
  BOOST_TEST(code_of(told_of({last - 3}).first) == errc::corrupt);
}

BOOST_AUTO_TEST_CASE(metadata_is_that_of_the_number_asked_in_the_order_asked) {
  put({{"a", floats{1, 2}, "1"}, {"b", floats{1, 2}}, {"c", floats{1, 2}, "3"}});
  const auto before = must(read->figures(words)).number;
  const numbers labels{before, before - 2, before - 1};
  const auto updated = put({{"a", floats{1, 2}, "9"}});
  BOOST_TEST(*must(read->metadata(labels, before)) == (texts{"3", "1", ""}), boost::test_tools::per_element());
  // As of the update the old row is dead, and before it the new one is not born.
  BOOST_TEST(!must(read->metadata(labels, updated)).has_value());
  BOOST_TEST(*must(read->metadata(numbers{updated}, updated)) == (texts{"9"}), boost::test_tools::per_element());
  BOOST_TEST(!must(read->metadata(numbers{updated}, before)).has_value());
  BOOST_TEST(!must(read->metadata(numbers{999}, updated)).has_value());
  BOOST_TEST(must(read->metadata({}, updated))->empty());
}

BOOST_AUTO_TEST_CASE(a_position_is_required_of_the_right_file_and_reached) {
  const auto last = put({{"a"}});
  must_do(read->require({identity, 0}));
  must_do(read->require({identity, last}));
  BOOST_TEST(code_of(read->require({identity, last + 1})) == errc::position_not_reached);
  BOOST_TEST(code_of(read->require({identity + 1, 1})) == errc::position_of_other_file);
}

BOOST_AUTO_TEST_CASE(commits_of_others_are_noticed_once_each) {
  must(read->changed_elsewhere());
  BOOST_TEST(!must(read->changed_elsewhere()));
  put({{"a"}});
  put({{"b"}});
  BOOST_TEST(must(read->changed_elsewhere()));
  BOOST_TEST(!must(read->changed_elsewhere()));
}

BOOST_AUTO_TEST_CASE(the_figures_are_those_of_the_collection_and_the_file) {
  make("other", 2);
  put({{"a", floats{1, 2}}, {"b"}});
  const auto number = put({{"a", floats{3, 4}}});
  const auto got = must(read->figures(words));
  BOOST_TEST(got.number == number);
  BOOST_TEST(got.items == 2U);
  BOOST_TEST(got.vectors == 1U);
  BOOST_TEST(got.dead_rows == 1U);
  // A creation, three puts and a death.
  BOOST_TEST(got.log_entries == 5U);
  BOOST_TEST(got.changes_since_base == 3U);
  BOOST_TEST(got.file_bytes > 0U);
  BOOST_TEST(got.wal_bytes > 0U);
}

BOOST_AUTO_TEST_CASE(a_damaged_row_is_an_error_and_not_an_answer) {
  const auto label = put({{"a", floats{1, 2}, "1"}});
  put({{"b", floats{1, 2}, "1"}});
  sql(path, "UPDATE items SET metadata = '2' WHERE label = " + std::to_string(label));
  BOOST_TEST(code_of(read->get(words, "a")) == errc::corrupt);
  BOOST_TEST(code_of(read->scan(words, "", 10)) == errc::corrupt);
  BOOST_TEST(code_of(read->get(words, "b")) == errc::none);
}

BOOST_AUTO_TEST_CASE(the_log_of_a_file_that_was_upgraded_meanwhile_is_read_no_more) {
  put({{"a", floats{1, 2}}});
  sql(path, "PRAGMA user_version = " + std::to_string(format_version + 1));
  BOOST_TEST(code_of(read->collections()) == errc::newer_format);
  BOOST_TEST(code_of(read->require({identity, 1})) == errc::newer_format);
  BOOST_TEST(code_of(read->log_after(words, 0, true)) == errc::newer_format);
  BOOST_TEST(code_of(read->figures(words)) == errc::newer_format);
}

BOOST_AUTO_TEST_CASE(rows_of_a_file_that_was_upgraded_meanwhile_are_read_no_more) {
  const numbers labels{put({{"a", floats{1, 2}}})};
  sql(path, "PRAGMA user_version = " + std::to_string(format_version + 1));
  BOOST_TEST(code_of(read->get(words, "a")) == errc::newer_format);
  BOOST_TEST(code_of(read->contains(words, "a")) == errc::newer_format);
  BOOST_TEST(code_of(read->scan(words, "", 10)) == errc::newer_format);
  BOOST_TEST(code_of(read->size(words)) == errc::newer_format);
  BOOST_TEST(code_of(read->metadata(labels, labels[0])) == errc::newer_format);
  BOOST_TEST(code_of(read->distance_to_base(words)) == errc::newer_format);
}

BOOST_AUTO_TEST_CASE(living_items_that_match_are_counted) {
  put({{"a", floats{1, 2}, R"({"n":1})"}, {"b", {}, R"({"n":1})"}, {"c", {}, R"({"n":2})"}, {"d"}});
  const auto count = [&](const std::string& text) { return must(read->count(words, must(filter::parse(text)))); };
  BOOST_TEST(count(R"({"n":1})") == 2U);
  BOOST_TEST(count("{}") == 4U);
  BOOST_TEST(count(R"({"$not":{}})") == 0U);
  put({{"a", floats{1, 2}, R"({"n":2})"}});
  remove({"b"});
  BOOST_TEST(count(R"({"n":1})") == 0U);
  BOOST_TEST(count(R"({"n":{"$ne":2}})") == 1U);
  BOOST_TEST(count("{}") == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
