#include "storage/rows_by_label.hpp"

#include "storage/snapshot.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

using numbers = std::vector<std::uint64_t>;

/// Two collections whose puts take turns. The value of a row's vector, and its key, are its label.
struct mixed_file : store {
  collection_id mine = make("mine", 1);
  collection_id others = make("others", 1);
  std::uint64_t last = 2;

  /// Labels of the rows put.
  numbers put(collection_id into, std::size_t count) {
    numbers labels;
    std::vector<item> items;
    for (std::size_t i = 0; i < count; ++i) {
      labels.push_back(++last);
      items.push_back({std::to_string(last), std::vector<float>{static_cast<float>(last)}});
    }
    commit([&] { must(file->put(into, items)); });
    return labels;
  }

  void remove(const std::vector<std::string>& keys) {
    commit([&] { must(file->remove(mine, keys)); });
    last += keys.size();
  }

  /// Requires that just these are given, as they were put.
  void require_given(const numbers& labels) {
    const auto seen = must(snapshot::open(path, mine));
    numbers given;
    must_do(seen->read_rows(labels, [&](const row_seen& row) {
      given.push_back(row.label);
      float value = 0;
      BOOST_REQUIRE(row.vector.size() == sizeof value);
      std::memcpy(&value, row.vector.data(), sizeof value);
      BOOST_TEST(value == static_cast<float>(row.label));
      BOOST_TEST(row.key == std::to_string(row.label));
    }));
    BOOST_TEST(given == labels, boost::test_tools::per_element());
  }
};

void append(numbers& to, const numbers& more) { to.insert(to.end(), more.begin(), more.end()); }

} // namespace

BOOST_FIXTURE_TEST_SUITE(rows_by_label_, mixed_file)

BOOST_AUTO_TEST_CASE(labels_lie_close_together_when_half_of_their_range_is_wanted) {
  BOOST_TEST(!lie_close_together(numbers{}));
  BOOST_TEST(lie_close_together(numbers{7}));
  BOOST_TEST(lie_close_together(numbers{7, 8, 9}));
  BOOST_TEST(lie_close_together(numbers{7, 9, 11}));
  BOOST_TEST(lie_close_together(numbers{7, 8, 12}));
  BOOST_TEST(!lie_close_together(numbers{7, 8, 13}));
  BOOST_TEST(lie_close_together(numbers{7, 10}));
  BOOST_TEST(!lie_close_together(numbers{7, 11}));
  BOOST_TEST(!lie_close_together(numbers{1, ~std::uint64_t{0}}));
}

BOOST_AUTO_TEST_CASE(labels_that_do_not_ascend_do_not_lie_close_together) {
  BOOST_TEST(!lie_close_together(numbers{8, 7}));
  BOOST_TEST(!lie_close_together(numbers{7, 7, 8}));
  BOOST_TEST(!lie_close_together(numbers{7, 9, 8, 10}));
}

BOOST_AUTO_TEST_CASE(rows_of_one_collection_in_turn_with_another_are_its_own) {
  numbers labels;
  for (int turn = 0; turn < 300; ++turn) {
    append(labels, put(mine, 1));
    put(others, 1);
  }
  require_given(labels);
}

BOOST_AUTO_TEST_CASE(rows_far_apart_and_close_together_come_in_one_order) {
  numbers labels;
  for (const auto& [own, foreign] : {std::pair{500, 900}, {1, 400}, {1, 3}, {1, 0}, {100, 1}, {300, 5'000}, {129, 0}}) {
    append(labels, put(mine, static_cast<std::size_t>(own)));
    put(others, static_cast<std::size_t>(foreign));
  }
  require_given(labels);
}

BOOST_AUTO_TEST_CASE(dead_rows_in_between_are_given_when_asked_for_and_passed_over_when_not) {
  const auto all = put(mine, 400);
  std::vector<std::string> keys;
  numbers living;
  for (const auto label : all)
    if (label % 3 == 0)
      keys.push_back(std::to_string(label));
    else
      living.push_back(label);
  remove(keys);
  require_given(all);
  require_given(living);
}

BOOST_AUTO_TEST_CASE(labels_out_of_order_come_in_the_order_asked) {
  auto labels = put(mine, 400);
  std::ranges::reverse(labels);
  require_given(labels);
  std::ranges::shuffle(labels, std::mt19937{1});
  require_given(labels);
  std::ranges::sort(labels.begin() + 100, labels.end());
  require_given(labels);
}

BOOST_AUTO_TEST_CASE(a_label_of_another_collection_is_none_however_it_is_reached) {
  const auto own = put(mine, 3);
  const auto foreign = put(others, 1);
  const auto seen = must(snapshot::open(path, mine));
  for (const auto& labels : {numbers{own[0], own[1], own[2], foreign[0]}, numbers{foreign[0], own[0]}})
    BOOST_TEST(code_of(seen->read_rows(labels, [](const row_seen&) {})) == errc::corrupt);
}

BOOST_AUTO_TEST_CASE(a_row_that_is_missing_among_others_is_missed_however_it_is_reached) {
  auto labels = put(mine, 300);
  sql(path, "DELETE FROM items WHERE label = " + std::to_string(labels[150]));
  const auto seen = must(snapshot::open(path, mine));
  std::size_t given = 0;
  const auto count = [&](const row_seen&) { ++given; };
  BOOST_TEST(code_of(seen->read_rows(labels, count)) == errc::corrupt);
  BOOST_TEST(given == 150U);
  std::ranges::reverse(labels);
  BOOST_TEST(code_of(seen->read_rows(labels, count)) == errc::corrupt);
  BOOST_TEST(given == 150U + 149U);
}

BOOST_AUTO_TEST_SUITE_END()
