#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/snapshot.hpp"
#include "storage/writer.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

struct collections_file : store {
  collection_row open(const collection_info& info) {
    collection_row row;
    commit([&] { row = must(file->open_collection(info)); });
    return row;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(writing_collections, collections_file)

BOOST_AUTO_TEST_CASE(a_collection_is_stored_with_its_options_under_the_number_of_its_creation) {
  const auto made =
    open({"words", 100, metric::inner_product, 24, 300, 0, 0, vector_form::int8, {"year"}, {"title", "a.b"}});
  const auto rows = must(read->collections());
  BOOST_REQUIRE(rows.size() == 1U);
  BOOST_TEST(rows[0].id == made.id);
  BOOST_TEST(rows[0].created_at == 1U);
  BOOST_TEST(rows[0].dropped_at == 0U);
  BOOST_TEST(rows[0].info.name == "words");
  BOOST_TEST(rows[0].info.dimension == 100U);
  BOOST_TEST((rows[0].info.metric == metric::inner_product));
  BOOST_TEST(rows[0].info.m == 24U);
  BOOST_TEST(rows[0].info.ef_construction == 300U);
  BOOST_TEST(rows[0].info.items == 0U);
  BOOST_TEST((rows[0].info.vector_form == vector_form::int8));
  BOOST_TEST((rows[0].info.fields == std::vector<std::string>{"year"}));
  BOOST_TEST((rows[0].info.text_fields == std::vector<std::string>{"title", "a.b"}));
}

BOOST_AUTO_TEST_CASE(opening_a_collection_again_gives_the_one_that_is_there_whatever_was_asked) {
  const auto made = open({"words", 100, metric::l2, 16, 200});
  const auto again = open({"words", 3, metric::cosine, 8, 8});
  BOOST_TEST(again.id == made.id);
  BOOST_TEST(again.info.dimension == 100U);
  BOOST_TEST((again.info.metric == metric::l2));
  BOOST_TEST(must(read->collections()).size() == 1U);
  must_do(read->require({identity, 1}));
  BOOST_TEST(code_of(read->require({identity, 2})) == errc::position_not_reached);
}

BOOST_AUTO_TEST_CASE(collections_are_listed_by_name) {
  for (const auto* name : {"b", "\xc3\xa9", "a", "B"})
    open({name, 2, metric::l2, 16, 200});
  std::vector<std::string> names;
  for (const auto& row : must(read->collections()))
    names.push_back(row.info.name);
  BOOST_TEST(names == (std::vector<std::string>{"B", "a", "b", "\xc3\xa9"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nobody_sees_a_dropped_collection) {
  const auto id = open({"words", 1, metric::l2, 16, 200}).id;
  const std::vector<item> items{{"a", std::vector<float>{1}}};
  commit([&] { must(file->put(id, items)); });
  const auto at = commit([&] { must(file->drop_collection("words")); });
  BOOST_TEST(at == 3U);
  BOOST_TEST(must(read->collections()).empty());
  BOOST_TEST(code_of(read->get(id, "a")) == errc::collection_dropped);
  BOOST_TEST(code_of(read->contains(id, "a")) == errc::collection_dropped);
  BOOST_TEST(code_of(read->scan(id, "", 10)) == errc::collection_dropped);
  BOOST_TEST(code_of(read->size(id)) == errc::collection_dropped);
  BOOST_TEST(code_of(read->figures(id)) == errc::collection_dropped);
  BOOST_TEST(code_of(snapshot::open(path, id)) == errc::collection_dropped);
}

BOOST_AUTO_TEST_CASE(nothing_is_written_to_a_dropped_collection) {
  const auto id = open({"words", 1, metric::l2, 16, 200}).id;
  const std::vector<item> items{{"a", std::vector<float>{1}}};
  const std::vector<std::string> keys{"a"};
  commit([&] { must(file->put(id, items)); });
  const auto dropped_at = commit([&] { must(file->drop_collection("words")); });
  const auto after = commit([&] {
    BOOST_TEST(code_of(file->put(id, items)) == errc::collection_dropped);
    BOOST_TEST(code_of(file->put_if(id, items[0], 0)) == errc::collection_dropped);
    BOOST_TEST(code_of(file->update_metadata(id, "a", "1")) == errc::collection_dropped);
    BOOST_TEST(code_of(file->remove(id, keys)) == errc::collection_dropped);
    BOOST_TEST(code_of(file->publish(id, {1, 1, 2, 0, {}})) == errc::collection_dropped);
    BOOST_TEST(code_of(file->forget_history(id)) == errc::collection_dropped);
    BOOST_TEST(code_of(file->put(77, items)) == errc::collection_dropped);
  });
  BOOST_TEST(after == dropped_at);
}

BOOST_AUTO_TEST_CASE(dropping_what_is_not_there_is_an_error) {
  commit([&] { BOOST_TEST(code_of(file->drop_collection("words")) == errc::collection_not_found); });
  open({"words", 1, metric::l2, 16, 200});
  commit([&] {
    must(file->drop_collection("words"));
    BOOST_TEST(code_of(file->drop_collection("words")) == errc::collection_not_found);
  });
}

BOOST_AUTO_TEST_CASE(a_name_dropped_and_opened_again_is_another_collection) {
  const auto before = open({"words", 1, metric::l2, 16, 200}).id;
  const std::vector<item> items{{"a", std::vector<float>{1}}};
  commit([&] { must(file->put(before, items)); });
  collection_row again;
  // In one transaction too.
  commit([&] {
    must(file->drop_collection("words"));
    again = must(file->open_collection({"words", 5, metric::cosine, 16, 200}));
  });
  BOOST_TEST(again.id != before);
  BOOST_TEST(again.info.dimension == 5U);
  BOOST_TEST(must(read->size(again.id)) == 0U);
  BOOST_TEST(code_of(read->get(again.id, "a")) == errc::key_not_found);
  BOOST_TEST(code_of(read->size(before)) == errc::collection_dropped);
}

BOOST_AUTO_TEST_SUITE_END()
