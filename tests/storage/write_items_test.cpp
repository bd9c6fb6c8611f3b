#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/writer.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

using floats = std::vector<float>;

struct written_file : store {
  collection_id words = make("words", 2);

  std::uint64_t put(const std::vector<item>& items) {
    return commit([&] { must(file->put(words, items)); });
  }

  file_figures figures() { return must(read->figures(words)); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(writing_items, written_file)

BOOST_AUTO_TEST_CASE(an_item_comes_back_as_it_was_put) {
  const auto at = put({{"a", floats{1, 2}, R"({"n":1})"}});
  const auto got = must(read->get(words, "a"));
  BOOST_TEST(got.key == "a");
  BOOST_TEST(*got.vector == (floats{1, 2}), boost::test_tools::per_element());
  BOOST_TEST(got.metadata == R"({"n":1})");
  BOOST_TEST((got.version == position{identity, at}));
}

BOOST_AUTO_TEST_CASE(vectors_come_back_bit_for_bit) {
  const floats odd{-0.0F, std::numeric_limits<float>::denorm_min()};
  put({{"odd", odd}});
  const auto got = *must(read->get(words, "odd")).vector;
  BOOST_TEST(std::signbit(got[0]));
  BOOST_TEST(got[1] == odd[1]);
}

BOOST_AUTO_TEST_CASE(keys_of_any_bytes_and_lengths_are_told_apart) {
  const std::vector<std::string> keys{
    std::string(1'024, 'k'),    std::string(1'023, 'k'),   "A", "a", " a", "a ", "1", "01", "\xc3\xa9", "e\xcc\x81",
    std::string{"nul\0one", 7}, std::string{"nul\0two", 7}};
  for (const auto& key : keys)
    put({{key, floats{1, 2}}});
  BOOST_TEST(must(read->size(words)) == keys.size());
  for (const auto& key : keys)
    BOOST_TEST(must(read->get(words, key)).key == key);
}

BOOST_AUTO_TEST_CASE(each_put_takes_the_next_number_and_a_batch_one_an_item) {
  const auto first = put({{"a", floats{1, 1}}});
  BOOST_TEST(first == words + 1);
  BOOST_TEST(put({{"b", floats{1, 1}}, {"c"}, {"d", floats{2, 2}}}) == first + 3);
  BOOST_TEST(must(read->get(words, "b")).version.number == first + 1);
  BOOST_TEST(must(read->get(words, "c")).version.number == first + 2);
  BOOST_TEST(must(read->get(words, "d")).version.number == first + 3);
}

BOOST_AUTO_TEST_CASE(an_update_takes_one_number_and_leaves_one_living_row) {
  const auto first = put({{"a", floats{1, 1}, "1"}});
  BOOST_TEST(put({{"a", floats{2, 2}}}) == first + 1);
  const auto got = must(read->get(words, "a"));
  BOOST_TEST(got.version.number == first + 1);
  BOOST_TEST(*got.vector == (floats{2, 2}), boost::test_tools::per_element());
  BOOST_TEST(got.metadata == "");
  BOOST_TEST(figures().items == 1U);
  BOOST_TEST(figures().dead_rows == 1U);
}

BOOST_AUTO_TEST_CASE(a_key_twice_in_a_batch_has_its_last_value) {
  put({{"a", floats{1, 1}}, {"a"}, {"a", floats{3, 3}}});
  BOOST_TEST(*must(read->get(words, "a")).vector == (floats{3, 3}), boost::test_tools::per_element());
  BOOST_TEST(figures().items == 1U);
  BOOST_TEST(figures().vectors == 1U);
  BOOST_TEST(figures().dead_rows == 2U);
}

BOOST_AUTO_TEST_CASE(a_key_removed_and_put_again_gets_a_new_label) {
  const auto first = put({{"a", floats{1, 1}}});
  const std::vector<std::string> keys{"a"};
  BOOST_TEST(commit([&] { must(file->remove(words, keys)); }) == first + 1);
  BOOST_TEST(code_of(read->get(words, "a")) == errc::key_not_found);
  BOOST_TEST(!must(read->contains(words, "a")));
  BOOST_TEST(put({{"a", floats{1, 1}}}) == first + 2);
  BOOST_TEST(must(read->get(words, "a")).version.number == first + 2);
}

BOOST_AUTO_TEST_CASE(removing_counts_what_was_there_and_takes_a_number_for_each) {
  put({{"a", floats{1, 1}}, {"b"}, {"c", floats{1, 1}}});
  const auto before = figures();
  removal done;
  const std::vector<std::string> keys{"a", "missing", "b", "a"};
  commit([&] { done = must(file->remove(words, keys)); });
  BOOST_TEST(done.removed == 2U);
  BOOST_TEST(done.at.number == before.number + 2);
  BOOST_TEST(figures().items == 1U);
  BOOST_TEST(figures().vectors == 1U);
  commit([&] { done = must(file->remove(words, keys)); });
  BOOST_TEST(done.removed == 0U);
  BOOST_TEST(done.at.number == before.number + 2);
  BOOST_TEST(figures().number == before.number + 2);
}

BOOST_AUTO_TEST_CASE(put_if_stores_only_over_the_version_that_was_expected) {
  std::uint64_t first = 0;
  commit([&] { first = must(file->put_if(words, {"a", floats{1, 1}}, 0)); });
  commit([&] {
    BOOST_TEST(code_of(file->put_if(words, {"a", floats{9, 9}}, 0)) == errc::conflict);
    BOOST_TEST(code_of(file->put_if(words, {"a", floats{9, 9}}, first + 1)) == errc::conflict);
    BOOST_TEST(code_of(file->put_if(words, {"b", floats{9, 9}}, first)) == errc::conflict);
    BOOST_TEST(must(file->put_if(words, {"a", floats{2, 2}}, first)) == first + 1);
    BOOST_TEST(code_of(file->put_if(words, {"a", floats{9, 9}}, first)) == errc::conflict);
  });
  BOOST_TEST(*must(read->get(words, "a")).vector == (floats{2, 2}), boost::test_tools::per_element());
  BOOST_TEST(!must(read->contains(words, "b")));
  // A removed key is as one that never was.
  const std::vector<std::string> keys{"a"};
  commit([&] { must(file->remove(words, keys)); });
  commit([&] {
    BOOST_TEST(code_of(file->put_if(words, {"a"}, first + 1)) == errc::conflict);
    must(file->put_if(words, {"a"}, 0));
  });
}

BOOST_AUTO_TEST_CASE(new_metadata_makes_a_new_version_with_the_same_vector) {
  const auto first = put({{"a", floats{1, 2}, "1"}, {"plain", {}, "1"}});
  commit([&] {
    BOOST_TEST(must(file->update_metadata(words, "a", "2")) == first + 1);
    BOOST_TEST(must(file->update_metadata(words, "plain", "")) == first + 2);
    BOOST_TEST(code_of(file->update_metadata(words, "missing", "2")) == errc::key_not_found);
  });
  const auto got = must(read->get(words, "a"));
  BOOST_TEST(got.metadata == "2");
  BOOST_TEST(*got.vector == (floats{1, 2}), boost::test_tools::per_element());
  BOOST_TEST(got.version.number == first + 1);
  BOOST_TEST(must(read->get(words, "plain")).metadata == "");
  BOOST_TEST(!must(read->get(words, "plain")).vector.has_value());
  BOOST_TEST(figures().items == 2U);
  BOOST_TEST(figures().vectors == 1U);
}

BOOST_AUTO_TEST_CASE(new_metadata_keeps_vectors_that_are_larger_than_a_page) {
  const auto large = make("large", 5'000);
  std::vector<item> items;
  for (int i = 0; i < 10; ++i) {
    floats vector(5'000);
    for (std::size_t j = 0; j < vector.size(); ++j)
      vector[j] = static_cast<float>(i * 5'000) + static_cast<float>(j);
    items.push_back({"key" + std::to_string(i), std::move(vector)});
  }
  commit([&] { must(file->put(large, items)); });
  commit([&] {
    for (const auto& one : items)
      must(file->update_metadata(large, one.key, "7"));
  });
  for (const auto& one : items)
    BOOST_TEST((*must(read->get(large, one.key)).vector == *one.vector));
}

BOOST_AUTO_TEST_CASE(items_with_and_without_a_vector_are_counted_apart) {
  put({{"a", floats{1, 1}}, {"b"}, {"c"}});
  BOOST_TEST(figures().items == 3U);
  BOOST_TEST(figures().vectors == 1U);
  put({{"a"}, {"b", floats{1, 1}}, {"c", floats{1, 1}}});
  BOOST_TEST(figures().items == 3U);
  BOOST_TEST(figures().vectors == 2U);
  const std::vector<std::string> keys{"a", "b"};
  commit([&] { must(file->remove(words, keys)); });
  BOOST_TEST(figures().items == 1U);
  BOOST_TEST(figures().vectors == 1U);
}

BOOST_AUTO_TEST_CASE(collections_that_share_keys_share_nothing_else) {
  const auto other = make("other", 3);
  put({{"a", floats{1, 1}, "1"}});
  commit([&] { must(file->put(other, std::vector<item>{{"a", floats{1, 2, 3}, "2"}})); });
  const std::vector<std::string> keys{"a"};
  commit([&] { must(file->remove(words, keys)); });
  BOOST_TEST(must(read->get(other, "a")).metadata == "2");
  BOOST_TEST(must(read->size(words)) == 0U);
  BOOST_TEST(must(read->size(other)) == 1U);
}

struct matching_file : written_file {
  removal remove_matching(collection_id from, const std::string& text) {
    removal done;
    commit([&] { done = must(file->remove_matching(from, must(filter::parse(text)))); });
    return done;
  }

  std::vector<std::string> keys(collection_id of) {
    std::vector<std::string> found;
    for (const auto& each : must(read->scan(of, "", 100)).records)
      found.push_back(each.key);
    return found;
  }
};

using texts = std::vector<std::string>;

BOOST_FIXTURE_TEST_CASE(removing_what_matches_removes_just_that, matching_file) {
  collection_id indexed = 0;
  commit([&] {
    indexed = must(file->open_collection({"indexed", 2, metric::l2, 16, 200, 0, 0, vector_form::float32, {"n"}})).id;
  });
  const std::vector<item> items{{"a", floats{1, 2}, R"({"n":1})"},
                                {"b", floats{1, 2}, R"({"n":2})"},
                                {"c", {}, R"({"n":3})"},
                                {"d", floats{1, 2}, {}}};
  for (const auto in : {words, indexed}) {
    commit([&] { must(file->put(in, items)); });
    // The former row of a key matches, and is not there to be removed.
    commit([&] { must(file->put(in, std::vector<item>{{"a", floats{1, 2}, R"({"n":7})"}})); });
    const auto before = must(read->figures(in)).number;
    const auto done = remove_matching(in, R"({"n":{"$lte":3}})");
    BOOST_TEST(done.removed == 2U);
    BOOST_TEST(done.at.number == before + 2);
    BOOST_TEST(keys(in) == (texts{"a", "d"}), boost::test_tools::per_element());
    const auto figures = must(read->figures(in));
    BOOST_TEST(figures.items == 2U);
    BOOST_TEST(figures.vectors == 2U);
    BOOST_TEST(figures.number == before + 2);
    const auto logged = must(read->log_after(in, before, true)).entries;
    BOOST_REQUIRE(logged.size() == 2U);
    BOOST_TEST((logged[0].kind == entry_kind::remove && logged[1].kind == entry_kind::remove));
    BOOST_TEST(remove_matching(in, R"({"n":{"$lte":3}})").removed == 0U);
    BOOST_TEST(remove_matching(in, "{}").removed == 2U);
    BOOST_TEST(must(read->size(in)) == 0U);
  }
}

BOOST_FIXTURE_TEST_CASE(removing_what_matches_sees_what_its_own_transaction_wrote, matching_file) {
  const std::vector<item> items{{"a", {}, R"({"n":1})"}, {"b", {}, R"({"n":2})"}};
  commit([&] {
    must(file->put(words, items));
    must(file->remove(words, texts{"b"}));
    BOOST_TEST(must(file->remove_matching(words, must(filter::parse(R"({"n":{"$in":[1,2]}})")))).removed == 1U);
    must(file->put(words, std::vector<item>{{"c", {}, R"({"n":1})"}}));
  });
  BOOST_TEST(keys(words) == (texts{"c"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_removal_of_what_matches_that_fails_removes_nothing, matching_file) {
  put({{"a", {}, R"({"n":1})"}, {"b", {}, R"({"n":1})"}});
  sql(path, "UPDATE items SET metadata = '{' WHERE key = 'b'");
  commit(
    [&] { BOOST_TEST(code_of(file->remove_matching(words, must(filter::parse(R"({"n":1})")))) == errc::corrupt); });
  BOOST_TEST(must(read->size(words)) == 2U);
  commit(
    [&] { BOOST_TEST(code_of(file->remove_matching(77, must(filter::parse("{}")))) == errc::collection_dropped); });
}

BOOST_FIXTURE_TEST_CASE(a_wrong_value_of_a_field_makes_no_other_item_die, matching_file) {
  collection_id indexed = 0;
  commit([&] {
    indexed = must(file->open_collection({"indexed", 2, metric::l2, 16, 200, 0, 0, vector_form::float32, {"n"}})).id;
    must(file->put(indexed, std::vector<item>{{"a", {}, R"({"n":1})"}}));
  });
  sql(path, "UPDATE field_values SET value = 2");
  BOOST_TEST(remove_matching(indexed, R"({"n":2})").removed == 0U);
  BOOST_TEST(must(read->size(indexed)) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
