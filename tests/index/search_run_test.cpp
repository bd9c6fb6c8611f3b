#include "index/search_run.hpp"

#include "tests/index/made_view.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::index;
using namespace lodge::test;

namespace {

/// What a run gives for all queries, and in how many steps.
struct outcome {
  std::vector<std::vector<neighbour>> found;
  std::size_t steps = 0;
};

outcome run_all(const view& where, const vectors& queries, const search_parameters& parameters) {
  std::vector<float> values;
  for (const auto& query : queries)
    values.insert(values.end(), query.begin(), query.end());
  search_scratch scratch;
  search_run run{where, values, queries.size(), parameters};
  outcome made;
  for (; !run.done(); ++made.steps) {
    run.step(scratch);
    while (run.ready() > 0)
      made.found.push_back(run.take());
  }
  return made;
}

/// Whether a run gives the very hits of single searches.
void check_singles(made_view& view, const vectors& queries, std::size_t k, bool exact) {
  const auto together = run_all(view.seen, queries, {k, 100, exact}).found;
  BOOST_REQUIRE(together.size() == queries.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < queries.size(); ++i)
    different += together[i] == view.find(queries[i], k, exact) ? 0 : 1;
  BOOST_TEST(different == 0U, different << " of " << queries.size() << " queries differ from single searches");
}

} // namespace

BOOST_AUTO_TEST_SUITE(search_runs)

BOOST_AUTO_TEST_CASE(many_queries_find_the_very_hits_of_single_ones_and_of_brute_force_in_every_metric) {
  for (const std::size_t dimension : {1U, 2U, 3U, 7U, 8U, 9U, 15U, 17U, 24U, 100U, 129U, 300U})
    for (const auto by : metrics) {
      const auto rows = clustered_vectors(700, dimension, 1);
      const auto queries = clustered_vectors(23, dimension, 2);
      made_view view{by, rows, {{300, 1, 199}, {50, 150}}};
      for (std::uint64_t label = 3; label < 700; label += 5)
        view.bury(label);
      for (const std::size_t k : {0U, 1U, 10U, 600U, 40'000U})
        BOOST_TEST_CONTEXT("dimension " << dimension << ", " << to_string(by) << ", k " << k) {
          check_singles(view, queries, k, true);
          const auto found = run_all(view.seen, queries, {k, 100, true}).found;
          for (std::size_t i = 0; i < queries.size(); ++i) {
            hits made;
            for (const auto& one : found[i])
              made.push_back({std::string{one.key}, score_of(by, one.distance)});
            BOOST_TEST(view.model.mismatch(queries[i], k, made) == "");
          }
        }
    }
}

BOOST_AUTO_TEST_CASE(any_number_of_queries_finds_the_hits_of_single_ones) {
  const auto rows = clustered_vectors(500, 12, 3);
  const auto queries = clustered_vectors(600, 12, 4);
  made_view view{metric::l2, rows, {{400}, {100}}};
  for (const std::ptrdiff_t count : {0, 1, 2, 3, 4, 5, 255, 256, 257, 600})
    BOOST_TEST_CONTEXT(count << " queries")
  check_singles(view, {queries.begin(), queries.begin() + count}, 7, true);
  // So many hits that a block has few queries.
  check_singles(view, {queries.begin(), queries.begin() + 20}, 40'000, true);
}

BOOST_AUTO_TEST_CASE(equal_distances_come_in_the_order_of_their_labels_for_each_query) {
  auto rows = clustered_vectors(120, 8, 5);
  for (std::size_t row = 0; row < rows.size(); row += 3)
    rows[row] = rows[0];
  made_view view{metric::cosine, rows, {{40, 20}, {30, 30}}};
  view.bury(4);
  const std::vector<std::uint64_t> expected{1, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37};
  for (const auto& found : run_all(view.seen, vectors(9, rows[0]), {12, 100, true}).found)
    BOOST_TEST(labels_of(found) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(graphs_that_some_queries_find_too_little_in_are_scanned_for_those_only) {
  const auto rows = clustered_vectors(4'200, 6, 6);
  made_view view{metric::l2, rows, {{1'700, 2'000}, {500}, true}};
  // Its links lead to the first 100 rows only: enough for some k.
  auto& part = view.seen.segments.front().rows;
  part.graph = view.build(pages_of(part.rows->pages().front().block, 100));
  for (std::uint64_t label = 2; label < 4'200; label += 7)
    view.bury(label);
  for (const std::size_t k : {1U, 10U, 80U, 90U, 200U})
    BOOST_TEST_CONTEXT("k " << k)
  check_singles(view, clustered_vectors(40, 6, 7), k, false);
  // And where the walk gives up for some: most rows near them are dead.
  for (const auto label : labels_of(view.find(rows[42], 3'000)))
    view.bury(label);
  for (const std::size_t k : {1U, 10U, 50U})
    BOOST_TEST_CONTEXT("k " << k)
  check_singles(view, clustered_vectors(40, 6, 8), k, false);
}

BOOST_AUTO_TEST_CASE(no_rows_and_dead_rows_give_no_hits) {
  view empty;
  empty.dimension = 4;
  const auto queries = clustered_vectors(300, 4, 9);
  const auto none = run_all(empty, queries, {10, 100, true}).found;
  BOOST_TEST(none.size() == 300U);
  BOOST_TEST(std::ranges::all_of(none, [](const auto& each) { return each.empty(); }));
  made_view dead{metric::l2, clustered_vectors(20, 4, 10), {{20}, {}}};
  for (std::uint64_t label = 1; label <= 20; ++label)
    dead.bury(label);
  const auto gone = run_all(dead.seen, queries, {10, 100, true}).found;
  BOOST_TEST(gone.size() == 300U);
  BOOST_TEST(std::ranges::all_of(gone, [](const auto& each) { return each.empty(); }));
}

BOOST_AUTO_TEST_CASE(distances_beyond_the_range_of_a_float_are_those_of_single_searches) {
  vectors rows = clustered_vectors(50, 40, 11);
  for (std::size_t row = 0; row < 10; ++row)
    for (std::size_t i = 0; i < 40; ++i)
      rows[row][i] = i % 2 == 0 ? 3e38F : -3e38F;
  made_view view{metric::l2, rows, {{30}, {20}}};
  vectors queries(rows.begin() + 5, rows.begin() + 25);
  check_singles(view, queries, 48, true);
}

BOOST_AUTO_TEST_CASE(a_step_does_a_bounded_part_of_a_long_scan) {
  const auto rows = clustered_vectors(20'000, 64, 12);
  const auto queries = clustered_vectors(300, 64, 13);
  made_view view{metric::l2, rows, {{15'000}, {5'000}}};
  const auto first = run_all(view.seen, queries, {5, 100, true});
  BOOST_TEST(first.steps >= 9U);
  BOOST_TEST(first.steps <= 20U);
  BOOST_TEST(run_all(view.seen, queries, {5, 100, true}).steps == first.steps);
  // What is small is done at once.
  BOOST_TEST(run_all(view.seen, {queries.front()}, {5, 100, true}).steps == 1U);
  BOOST_TEST(run_all(view.seen, {}, {5, 100, true}).steps == 0U);
}

BOOST_AUTO_TEST_CASE(a_step_does_a_bounded_number_of_graph_searches) {
  const auto rows = clustered_vectors(2'000, 16, 14);
  made_view view{metric::l2, rows, {{2'000}, {}, true}};
  const auto steps = run_all(view.seen, vectors(1'000, rows[3]), {10, 100, false}).steps;
  BOOST_TEST(steps >= 5U);
  BOOST_TEST(steps <= 12U);
  BOOST_TEST(run_all(view.seen, {rows[3]}, {10, 100, false}).steps == 1U);
}

BOOST_AUTO_TEST_CASE(hits_count_in_a_slice_and_not_only_values) {
  // Each row is nearer to the queries than all before it, so that it has its turn in every heap.
  vectors rows;
  for (std::size_t i = 0; i < 20'000; ++i)
    rows.push_back({static_cast<float>(20'000 - i)});
  const made_view view{metric::l2, rows, {{20'000}, {}}};
  BOOST_TEST(run_all(view.seen, vectors(64, {0.0F}), {1'000, 100, true}).steps > 20U);
}

BOOST_AUTO_TEST_SUITE_END()
