#include "index/search.hpp"

#include "tests/index/made_view.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::index;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(searches)

BOOST_AUTO_TEST_CASE(an_exact_search_equals_brute_force_over_segments_and_deltas) {
  const auto rows = clustered_vectors(900, 24, 1);
  const auto queries = clustered_vectors(20, 24, 2);
  for (const auto by : metrics) {
    made_view view{by, rows, {{300, 1, 199}, {50, 250, 100}}};
    for (std::uint64_t label = 3; label < 900; label += 5)
      view.bury(label);
    for (const auto& query : queries)
      for (const std::size_t k : {0U, 1U, 10U, 500U, 900U, 40'000U})
        BOOST_TEST_CONTEXT(to_string(by) << ", k " << k)
    BOOST_TEST(view.mismatch(query, k) == "");
  }
}

BOOST_AUTO_TEST_CASE(a_k_of_zero_gives_nothing_and_a_huge_k_gives_all) {
  constexpr auto huge = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  const auto rows = clustered_vectors(2'000, 8, 3);
  made_view view{metric::l2, rows, {{1'800}, {200}, true}};
  for (const bool exact : {true, false}) {
    BOOST_TEST(view.find(rows[5], 0, exact).empty());
    for (const auto k : {std::size_t{1'998}, std::size_t{1'999}, std::size_t{40'000}, huge}) {
      BOOST_TEST_CONTEXT("exact " << exact << ", k " << k)
      BOOST_TEST(view.mismatch(rows[5], k, exact) == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_view_gives_no_hits) {
  view empty;
  empty.dimension = 3;
  search_scratch scratch;
  BOOST_TEST(search(empty, std::vector<float>{1, 2, 3}, {10, 100, true}, scratch).empty());
  BOOST_TEST(search(empty, std::vector<float>{1, 2, 3}, {10, 100, false}, scratch).empty());
}

BOOST_AUTO_TEST_CASE(equal_distances_come_in_the_order_of_their_labels) {
  // Every third row is the same vector, in two segments and two deltas.
  auto rows = clustered_vectors(120, 8, 4);
  for (std::size_t row = 0; row < rows.size(); row += 3)
    rows[row] = rows[0];
  for (const auto by : {metric::l2, metric::cosine}) {
    made_view view{by, rows, {{40, 20}, {30, 30}}};
    view.bury(4);
    const auto found = labels_of(view.find(rows[0], 12));
    const std::vector<std::uint64_t> expected{1, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37};
    BOOST_TEST(found == expected, boost::test_tools::per_element());
    const auto all = labels_of(view.find(rows[0], 30));
    BOOST_TEST(std::ranges::is_sorted(all));
    for (const auto label : all)
      BOOST_TEST(label % 3 == 1U);
  }
}

BOOST_AUTO_TEST_CASE(hits_come_nearest_first_with_the_key_of_their_row) {
  const auto rows = clustered_vectors(300, 8, 5);
  made_view view{metric::l2, rows, {{200}, {100}}};
  const auto found = view.find(rows[150], 100);
  BOOST_REQUIRE(found.size() == 100U);
  BOOST_TEST(std::ranges::is_sorted(found));
  BOOST_TEST(found.front().label == 151U);
  BOOST_TEST(found.front().distance == 0.0F);
  for (const auto& one : found)
    BOOST_TEST(one.key == "key" + std::to_string(one.label));
}

BOOST_AUTO_TEST_CASE(any_number_of_dead_rows_nearest_to_the_query_leaves_k_living_hits) {
  const auto rows = clustered_vectors(1'000, 16, 6);
  const auto query = rows[10];
  for (const auto by : metrics) {
    made_view view{by, rows, {{600}, {400}}};
    // The nearest 20, 40, ... die; the answer stays brute force over the rest.
    for (int round = 0; round < 10; ++round) {
      for (const auto label : labels_of(view.find(query, 20)))
        view.bury(label);
      BOOST_TEST(view.find(query, 10).size() == 10U);
      BOOST_TEST(view.mismatch(query, 10) == "");
      BOOST_TEST(view.mismatch(query, 10, false) == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_graph_whose_rows_are_mostly_dead_still_gives_k_hits) {
  const auto rows = clustered_vectors(2'500, 16, 7);
  made_view view{metric::l2, rows, {{2'500}, {}, true}};
  for (const auto living : {2'000U, 1'000U, 500U, 150U, 60U, 11U, 10U}) {
    // Always the nearest to the query die.
    for (const auto label : labels_of(view.find(rows[42], 2'500 - living - view.seen.dead.size())))
      view.bury(label);
    BOOST_TEST_CONTEXT(living << " live") {
      BOOST_REQUIRE(view.seen.living == living);
      BOOST_TEST(view.mismatch(rows[42], 10) == "");
      std::size_t short_answers = 0;
      std::size_t dead_hits = 0;
      for (std::size_t row = 0; row < 2'500; row += 50) {
        const auto found = view.find(rows[row], 10, false);
        short_answers += found.size() == 10 ? 0 : 1;
        for (const auto& one : found)
          dead_hits += view.seen.dead.contains(one.label) ? 1 : 0;
      }
      BOOST_TEST(short_answers == 0U);
      BOOST_TEST(dead_hits == 0U);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_graph_that_finds_too_few_gives_way_to_the_scan) {
  const auto rows = clustered_vectors(1'700, 4, 8);
  made_view view{metric::l2, rows, {{1'700}, {}}};
  // Stands for a graph that falls apart: its links lead to the first 100 rows only, of which 5 live.
  auto& part = view.seen.segments.front().rows;
  part.graph = view.build(pages_of(part.rows->pages().front().block, 100));
  for (std::uint64_t label = 1; label <= 95; ++label)
    view.bury(label);
  BOOST_TEST(view.find(rows[0], 5, false).size() == 5U);
  for (const std::size_t k : {6U, 50U, 100U})
    BOOST_TEST(view.mismatch(rows[0], k, false) == "");
}

BOOST_AUTO_TEST_CASE(when_all_rows_are_dead_there_are_no_hits) {
  const auto rows = clustered_vectors(1'900, 4, 9);
  made_view view{metric::cosine, rows, {{1'800}, {100}, true}};
  for (std::uint64_t label = 1; label <= 1'900; ++label)
    view.bury(label);
  BOOST_TEST(view.seen.living == 0U);
  BOOST_TEST(view.find(rows[0], 10, true).empty());
  BOOST_TEST(view.find(rows[0], 10, false).empty());
}

BOOST_AUTO_TEST_CASE(a_search_through_graphs_finds_most_of_the_neighbours_of_all_segments_and_the_delta) {
  const auto rows = clustered_vectors(4'000, 16, 10);
  const auto queries = clustered_vectors(40, 16, 11);
  made_view view{metric::l2, rows, {{1'750, 1'750}, {500}, true}};
  for (std::uint64_t label = 2; label < 4'000; label += 7)
    view.bury(label);
  std::size_t right = 0;
  for (const auto& query : queries) {
    const auto exact = labels_of(view.find(query, 10));
    const auto found = labels_of(view.find(query, 10, false));
    BOOST_TEST(found.size() == 10U);
    right += static_cast<std::size_t>(
      std::ranges::count_if(found, [&](auto label) { return std::ranges::count(exact, label) > 0; }));
  }
  BOOST_TEST(right >= 380U);
}

BOOST_AUTO_TEST_CASE(one_scratch_serves_views_of_any_size_and_more_searches_than_its_counter_counts) {
  const auto rows = clustered_vectors(300, 4, 12);
  made_view small{metric::l2, {rows.begin(), rows.begin() + 20}, {{20}, {}, true}};
  made_view large{metric::l2, rows, {{300}, {}, true}};
  for (const std::size_t searches_between : {0U, 1U, 65'533U, 65'534U, 65'535U, 65'536U, 131'070U}) {
    search_scratch scratch;
    const auto finds = [&](const made_view& in, std::size_t row) {
      search_graph(in.seen.segments.front().rows, kernels_for(metric::l2), {in.seen.dead}, rows[row].data(), 20,
                   rows.size() / 2, scratch);
      return scratch.found.size() == 20 && scratch.found.front().node == static_cast<int>(row);
    };
    BOOST_TEST_CONTEXT(searches_between << " searches between") {
      BOOST_TEST(finds(small, 7));
      BOOST_TEST(finds(large, 7));
      for (std::size_t i = 0; i < searches_between; ++i)
        scratch.start(300);
      BOOST_TEST(finds(large, 7));
      BOOST_TEST(finds(small, 7));
    }
  }
}

BOOST_AUTO_TEST_CASE(distances_beyond_the_range_of_a_float_do_not_lose_hits) {
  vectors rows = clustered_vectors(50, 4, 13);
  for (std::size_t row = 0; row < 10; ++row)
    rows[row] = {3e38F, -3e38F, 3e38F, -3e38F};
  made_view view{metric::l2, rows, {{30}, {20}}};
  const auto found = view.find({-3e38F, 3e38F, 0, 0}, 48);
  BOOST_TEST(found.size() == 48U);
  const auto near = view.find(rows[20], 10);
  BOOST_TEST(near.front().label == 21U);
  for (const auto& one : near)
    BOOST_TEST(one.label > 10U);
}

BOOST_AUTO_TEST_SUITE_END()
