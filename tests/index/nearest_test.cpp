#include "index/nearest.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace lodge::index;

namespace {

/// Rows with their true distances, and what is known of those.
struct row {
  rank truth;
  float seen = 0;
  float doubt = 0;
};

struct rows_of {
  const std::vector<row>& all;
  std::uint64_t label(std::size_t place) const { return all[place].truth.label; }
  std::string_view key(std::size_t) const { return "key"; }
};

/// Distances of few different values, so that many are equal.
std::vector<row> random_rows(std::mt19937& random, std::size_t count, float largest_doubt) {
  std::vector<row> made;
  std::uniform_real_distribution<float> doubt{0, largest_doubt};
  for (std::size_t i = 0; i < count; ++i) {
    row one{{static_cast<float>(random() % 40), i + 1}, 0, largest_doubt == 0 ? 0 : doubt(random)};
    one.seen = one.truth.distance + std::uniform_real_distribution<float>{-one.doubt, one.doubt}(random);
    made.push_back(one);
  }
  std::ranges::shuffle(made, random);
  return made;
}

std::vector<neighbour> offer_all(nearest to, const std::vector<row>& rows) {
  for (std::size_t place = 0; place < rows.size(); ++place)
    to.offer(rows[place].seen, rows[place].doubt, rows_of{rows}, place);
  return std::move(to).sorted();
}

std::vector<rank> expected(const std::vector<row>& rows, std::size_t k, const search_bounds& within) {
  std::vector<rank> all;
  for (const auto& each : rows)
    if (each.truth.distance <= within.farthest && (!within.after || *within.after < each.truth))
      all.push_back(each.truth);
  std::ranges::sort(all);
  all.resize(std::min(all.size(), k));
  return all;
}

search_bounds random_bounds(std::mt19937& random) {
  search_bounds made;
  if (random() % 2 == 0)
    made.farthest = static_cast<float>(random() % 45);
  if (random() % 2 == 0)
    made.after = rank{static_cast<float>(random() % 40), random() % 200};
  return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(the_nearest)

BOOST_AUTO_TEST_CASE(of_sure_distances_the_k_smallest_are_kept_in_order) {
  std::mt19937 random{1};
  for (int round = 0; round < 2'000; ++round) {
    const auto rows = random_rows(random, random() % 200, 0);
    const std::size_t k = random() % 20;
    const auto within = random_bounds(random);
    std::vector<rank> found;
    for (const auto& each : offer_all(nearest{k, within}, rows))
      found.push_back({each.distance, each.label});
    BOOST_TEST((found == expected(rows, k, within)), "round " << round);
  }
}

BOOST_AUTO_TEST_CASE(of_doubtful_distances_none_of_the_k_smallest_is_missing) {
  std::mt19937 random{2};
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  for (int round = 0; round < 2'000; ++round) {
    const auto rows = random_rows(random, random() % 200, 5);
    const std::size_t k = 1 + random() % 20;
    const auto within = random_bounds(random);
    const auto found = offer_all(nearest{k, within, all}, rows);
    for (const auto& wanted : expected(rows, k, within))
      BOOST_TEST(std::ranges::count(found, wanted.label, &neighbour::label) == 1, "round " << round);
    BOOST_TEST(std::ranges::is_sorted(found, {}, [](const neighbour& each) { return each.distance - each.doubt; }));
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_among_the_k_is_left_out) {
  std::vector<row> rows;
  for (std::uint64_t label = 1; label <= 1'000; ++label)
    rows.push_back({{static_cast<float>(label), label}, static_cast<float>(label), 0.4F});
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  BOOST_TEST(offer_all(nearest{10, {}, all}, rows).size() == 10U);
  for (auto& each : rows)
    each.doubt = 1;
  BOOST_TEST(offer_all(nearest{10, {}, all}, rows).size() == 12U);
  std::ranges::reverse(rows);
  BOOST_TEST(offer_all(nearest{10, {}, all}, rows).size() == 12U);
}

BOOST_AUTO_TEST_CASE(of_many_that_may_be_among_the_k_the_wanted_number_of_the_least_distances_is_kept) {
  std::vector<row> rows;
  for (std::uint64_t label = 1; label <= 1'000; ++label)
    rows.push_back({{static_cast<float>(label), label}, static_cast<float>(label), 5'000});
  std::ranges::reverse(rows);
  const auto found = offer_all(nearest{10, {}, 50}, rows);
  BOOST_TEST(found.size() == 50U);
  for (std::uint64_t label = 1; label <= 50; ++label)
    BOOST_TEST(std::ranges::count(found, label, &neighbour::label) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
