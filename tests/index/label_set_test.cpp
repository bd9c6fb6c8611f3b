#include "index/label_set.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

using lodge::index::label_set;

namespace {

void check_equal(const label_set& actual, const std::set<std::uint64_t>& expected) {
  BOOST_TEST(actual.size() == expected.size());
  BOOST_TEST(actual.empty() == expected.empty());
  std::size_t wrong = 0;
  for (const auto label : expected) {
    wrong += actual.contains(label) ? 0 : 1;
    for (const auto beside : {label - 1, label + 1, label + 64, label + 32'768, label + 2'097'152})
      wrong += actual.contains(beside) == expected.contains(beside) ? 0 : 1;
  }
  BOOST_TEST(wrong == 0U);
}

} // namespace

BOOST_AUTO_TEST_SUITE(label_sets)

BOOST_AUTO_TEST_CASE(an_empty_set_contains_nothing) {
  const label_set labels;
  BOOST_TEST(labels.empty());
  for (const std::uint64_t label : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX})
    BOOST_TEST(!labels.contains(label));
}

BOOST_AUTO_TEST_CASE(random_labels_of_a_wide_range_are_kept_as_a_standard_set_keeps_them) {
  for (const std::uint64_t range : {std::uint64_t{100}, std::uint64_t{100'000}, std::uint64_t{1} << 34}) {
    std::mt19937_64 random{range};
    label_set labels;
    std::set<std::uint64_t> expected;
    std::size_t wrong = 0;
    for (int i = 0; i < 2'000; ++i) {
      const auto label = 1 + random() % range;
      wrong += labels.insert(label) == expected.insert(label).second ? 0 : 1;
    }
    BOOST_TEST(wrong == 0U);
    check_equal(labels, expected);
  }
}

BOOST_AUTO_TEST_CASE(labels_at_the_edges_of_pages_and_chapters_do_not_touch_their_neighbours) {
  label_set labels;
  std::set<std::uint64_t> expected;
  // Descending, so that the range grows towards the front.
  for (const std::uint64_t edge : {6'291'456U, 2'097'152U, 65'536U, 32'768U, 64U})
    for (const auto label : {edge, edge - 1}) {
      BOOST_TEST(labels.insert(label));
      expected.insert(label);
    }
  labels.insert(0);
  BOOST_TEST(labels.contains(0));
  BOOST_TEST(labels.size() == 11U);
  for (const auto label : expected)
    BOOST_TEST(labels.contains(label));
  for (const std::uint64_t absent : {1U, 62U, 65U, 32'766U, 32'769U, 2'097'150U, 2'097'153U, 6'291'457U})
    BOOST_TEST(!labels.contains(absent));
}

BOOST_AUTO_TEST_CASE(a_label_inserted_twice_counts_once) {
  label_set labels;
  BOOST_TEST(labels.insert(70'000));
  BOOST_TEST(!labels.insert(70'000));
  BOOST_TEST(labels.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_copy_does_not_see_what_is_inserted_later) {
  std::mt19937_64 random{5};
  label_set labels;
  std::set<std::uint64_t> expected;
  std::vector<label_set> copies;
  std::vector<std::set<std::uint64_t>> expected_copies;
  for (int i = 0; i < 600; ++i) {
    const auto label = 1 + random() % 5'000'000;
    labels.insert(label);
    expected.insert(label);
    if (i % 50 == 0) {
      copies.push_back(labels);
      expected_copies.push_back(expected);
    }
  }
  for (std::size_t i = 0; i < copies.size(); ++i)
    check_equal(copies[i], expected_copies[i]);
  // Nor does the original see what is inserted into a copy.
  copies[3].insert(4'999'999'999);
  BOOST_TEST(!labels.contains(4'999'999'999));
  check_equal(labels, expected);
}

BOOST_AUTO_TEST_CASE(many_labels_at_once_are_the_same_set_as_one_by_one) {
  for (const std::uint64_t range : {std::uint64_t{1'000}, std::uint64_t{200'000}, std::uint64_t{1} << 24}) {
    std::mt19937_64 random{range};
    label_set labels;
    std::set<std::uint64_t> expected;
    for (int round = 0; round < 4; ++round) {
      std::vector<std::uint64_t> some(1'000);
      for (auto& label : some)
        label = random() % range;
      if (round % 2 == 0)
        std::ranges::sort(some);
      const auto before = labels;
      const auto expected_before = expected;
      labels.insert(some);
      expected.insert(some.begin(), some.end());
      check_equal(labels, expected);
      check_equal(before, expected_before);
    }
  }
}

BOOST_AUTO_TEST_CASE(labels_of_a_range_are_counted_and_visited_in_their_order) {
  std::mt19937_64 random{7};
  label_set labels;
  std::set<std::uint64_t> expected;
  for (int i = 0; i < 3'000; ++i) {
    const auto label = random() % (i % 2 == 0 ? 100'000 : 10'000'000);
    labels.insert(label);
    expected.insert(label);
  }
  for (int i = 0; i < 200; ++i) {
    const auto first = i % 3 == 0 ? *std::next(expected.begin(), i) : random() % 200'000;
    const auto last = i % 2 == 0 ? first : first + random() % 5'000'000;
    const std::vector<std::uint64_t> wanted(expected.lower_bound(first), expected.upper_bound(last));
    std::vector<std::uint64_t> visited;
    labels.visit(first, last, [&](std::uint64_t label) {
      visited.push_back(label);
      return true;
    });
    BOOST_TEST(visited == wanted);
    BOOST_TEST(labels.count(first, last) == wanted.size());
  }
  std::vector<std::uint64_t> some;
  labels.visit(0, 10'000'000, [&](std::uint64_t label) {
    some.push_back(label);
    return some.size() < 5;
  });
  BOOST_TEST(some == std::vector<std::uint64_t>(expected.begin(), std::next(expected.begin(), 5)));
}

BOOST_AUTO_TEST_SUITE_END()
