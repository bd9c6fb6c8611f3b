#include "index/search_run.hpp"

#include "tests/index/made_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

using namespace lodge;
using namespace lodge::index;
using namespace lodge::test;

namespace {

/// Two segments, one of them small, and two deltas; every fifth row is dead.
made_view some_view(metric by, const vectors& rows, bool with_graphs) {
  made_view view{by, rows, {{rows.size() - 400, 100}, {50, 250}, with_graphs}};
  for (std::uint64_t label = 3; label < rows.size(); label += 5)
    view.bury(label);
  return view;
}

/// What a search must give: of all hits, those that the bounds and the filter let through.
std::vector<neighbour> expected(made_view& view, const std::vector<float>& query, const search_parameters& asked) {
  auto all = search(view.seen, query, {view.seen.living, 100, true}, view.scratch);
  std::erase_if(all, [&](const neighbour& each) {
    const auto is_after = !asked.within.after || *asked.within.after < rank{each.distance, each.label};
    return each.distance > asked.within.farthest || !is_after
      || (asked.allowed != nullptr && !asked.allowed->contains(each.label));
  });
  all.resize(std::min(all.size(), asked.k));
  return all;
}

label_set share_of(std::size_t rows, double share, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  label_set made;
  for (std::uint64_t label = 1; label <= rows; ++label)
    if (std::generate_canonical<double, 53>(random) < share)
      made.insert(label);
  // Labels of no row are passed over.
  made.insert(std::vector<std::uint64_t>{rows + 5, rows + 40'000, 5'000'000});
  return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bounded_searches)

BOOST_AUTO_TEST_CASE(an_exact_search_gives_the_nearest_of_those_that_are_allowed) {
  const auto rows = clustered_vectors(1'500, 12, 1);
  const auto queries = clustered_vectors(6, 12, 2);
  for (const auto by : metrics) {
    auto view = some_view(by, rows, false);
    for (const double share : {0.0, 0.001, 0.01, 0.1, 0.5, 1.0}) {
      const auto allowed = share_of(rows.size(), share, 3);
      for (const std::size_t k : {0U, 1U, 10U, 900U, 40'000U})
        for (const auto& query : queries) {
          search_parameters asked{k, 100, true};
          asked.allowed = &allowed;
          BOOST_TEST_CONTEXT(to_string(by) << ", share " << share << ", k " << k)
          BOOST_TEST((search(view.seen, query, asked, view.scratch) == expected(view, query, asked)));
        }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_search_through_the_graph_gives_as_many_as_are_allowed_and_finds_most_of_the_nearest) {
  const auto rows = clustered_vectors(6'000, 12, 4);
  const auto queries = clustered_vectors(40, 12, 5);
  auto view = some_view(metric::l2, rows, true);
  for (const double share : {0.0, 0.001, 0.01, 0.1, 0.5, 0.9}) {
    const auto allowed = share_of(rows.size(), share, 6);
    for (const std::size_t k : {1U, 10U, 500U}) {
      search_parameters asked{k, 20, false};
      asked.allowed = &allowed;
      std::size_t common = 0;
      std::size_t wanted = 0;
      for (const auto& query : queries) {
        const auto found = search(view.seen, query, asked, view.scratch);
        const auto right = expected(view, query, asked);
        BOOST_TEST(found.size() == right.size());
        BOOST_TEST(std::ranges::is_sorted(found));
        BOOST_TEST(std::ranges::all_of(found, [&](const neighbour& each) {
          return allowed.contains(each.label) && !view.seen.dead.contains(each.label);
        }));
        wanted += right.size();
        common += static_cast<std::size_t>(
          std::ranges::count_if(found, [&](const neighbour& each) { return std::ranges::binary_search(right, each); }));
      }
      BOOST_TEST(static_cast<double>(common) >= 0.95 * static_cast<double>(wanted),
                 common << " of " << wanted << " at share " << share << ", k " << k);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_filter_that_lets_only_a_far_region_through_is_answered_as_well) {
  const auto rows = clustered_vectors(6'000, 12, 7);
  auto view = some_view(metric::l2, rows, true);
  // The tenth of the rows that is farthest from the query.
  auto all = search(view.seen, rows[0], {view.seen.living, 100, true}, view.scratch);
  label_set allowed;
  for (auto i = all.size() * 9 / 10; i < all.size(); ++i)
    allowed.insert(all[i].label);
  for (const std::size_t ef : {10U, 40U, 100U}) {
    search_parameters asked{10, ef, false};
    asked.allowed = &allowed;
    BOOST_TEST(search(view.seen, rows[0], asked, view.scratch).size() == 10U);
  }
}

BOOST_AUTO_TEST_CASE(a_radius_gives_all_within_it_and_no_others) {
  const auto rows = clustered_vectors(3'000, 8, 8);
  const auto queries = clustered_vectors(10, 8, 9);
  for (const auto by : metrics)
    for (const bool exact : {true, false}) {
      auto view = some_view(by, rows, !exact);
      std::size_t common = 0;
      std::size_t wanted = 0;
      for (const auto& query : queries) {
        const auto all = search(view.seen, query, {view.seen.living, 100, true}, view.scratch);
        for (const std::size_t place : {0U, 1U, 30U, 700U}) {
          search_parameters asked{1'000, 20, exact};
          // The score that a user would read and give back.
          asked.within.farthest = distance_at(by, score_of(by, all[place].distance));
          BOOST_TEST(asked.within.farthest >= all[place].distance);
          const auto found = search(view.seen, query, asked, view.scratch);
          const auto right = expected(view, query, asked);
          BOOST_TEST(
            std::ranges::all_of(found, [&](const neighbour& each) { return std::ranges::binary_search(right, each); }));
          wanted += right.size();
          common += found.size();
          if (exact)
            BOOST_TEST((found == right));
        }
      }
      BOOST_TEST(static_cast<double>(common) >= 0.95 * static_cast<double>(wanted), common << " of " << wanted);
    }
}

BOOST_AUTO_TEST_CASE(pages_that_go_on_after_the_last_hit_give_every_row_once_in_order) {
  auto rows = clustered_vectors(1'200, 6, 10);
  // Many equal distances.
  for (std::size_t row = 0; row < rows.size(); row += 3)
    rows[row] = rows[1];
  for (const auto by : metrics)
    for (const bool exact : {true, false}) {
      auto view = some_view(by, rows, !exact);
      const auto allowed = share_of(rows.size(), 0.7, 11);
      search_parameters asked{37, 30, exact};
      asked.allowed = &allowed;
      auto all_asked = asked;
      all_asked.k = rows.size();
      const auto all = expected(view, rows[1], all_asked);
      std::vector<neighbour> paged;
      for (;;) {
        const auto found = search(view.seen, rows[1], asked, view.scratch);
        if (found.empty())
          break;
        paged.insert(paged.end(), found.begin(), found.end());
        asked.within.after = rank{found.back().distance, found.back().label};
        asked.within.skipped += found.size();
        BOOST_REQUIRE(paged.size() <= all.size());
      }
      BOOST_TEST(std::ranges::is_sorted(paged));
      BOOST_TEST((std::ranges::adjacent_find(paged) == paged.end()));
      if (exact)
        BOOST_TEST((paged == all));
      else
        BOOST_TEST(static_cast<double>(paged.size()) >= 0.98 * static_cast<double>(all.size()));
    }
}

BOOST_AUTO_TEST_CASE(a_distance_at_a_score_is_the_last_that_reads_as_that_score_or_a_nearer_one) {
  for (const auto by : metrics)
    for (const float score : {-1.0F, -0.3F, 0.0F, 0.1F, 0.5F, 0.999'999F, 1.0F, 1.5F, 7.0F, 1e18F}) {
      const auto farthest = distance_at(by, score);
      const auto is_within = [&](float distance) {
        return by == metric::l2 ? score_of(by, distance) <= score : score_of(by, distance) >= score;
      };
      const auto next = std::nextafter(farthest, std::numeric_limits<float>::infinity());
      BOOST_TEST_CONTEXT(to_string(by) << ", score " << score) {
        if (by == metric::inner_product || farthest >= 0) {
          BOOST_TEST(is_within(farthest));
          BOOST_TEST(!is_within(next));
        } else {
          BOOST_TEST(!is_within(0.0F));
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(the_work_that_was_done_is_told_part_by_part) {
  const auto rows = clustered_vectors(4'000, 8, 12);
  const auto queries = clustered_vectors(3, 8, 13);
  auto view = some_view(metric::l2, rows, true);
  std::vector<float> values;
  for (const auto& query : queries)
    values.insert(values.end(), query.begin(), query.end());
  const auto work_of = [&](const search_parameters& asked) {
    search_run run{view.seen, values, queries.size(), asked};
    while (!run.done())
      run.step(view.scratch);
    return run.work();
  };
  const auto through_graph = work_of({10, 20, false});
  BOOST_REQUIRE(through_graph.size() == 3U);
  BOOST_TEST(through_graph[0].graph_searches == 3U);
  BOOST_TEST(through_graph[0].visited > 60U);
  BOOST_TEST(through_graph[0].scans == 0U);
  BOOST_TEST(through_graph[1].scans == 3U);
  BOOST_TEST(through_graph[2].scans == 3U);
  const auto exact = work_of({10, 20, true});
  BOOST_TEST(exact[0].graph_searches == 0U);
  BOOST_TEST(exact[0].scans == 3U);
  BOOST_TEST(exact[0].scanned == 3'600U);
  const auto few = share_of(rows.size(), 0.01, 14);
  search_parameters asked{10, 20, false};
  asked.allowed = &few;
  const auto filtered = work_of(asked);
  BOOST_TEST(filtered[0].graph_searches == 0U);
  BOOST_TEST(filtered[0].scanned <= few.size());
}

BOOST_AUTO_TEST_SUITE_END()
