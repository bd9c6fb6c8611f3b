// Searches among vectors of other forms than float32.

#include "index/search_run.hpp"
#include "index/segment_growth.hpp"
#include "index/view_builder.hpp"

#include "tests/index/made_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::index;
using namespace lodge::test;

namespace {

/// Those of brute force that are allowed and within the bounds.
std::vector<neighbour> expected(made_view& view, const std::vector<float>& query, const search_parameters& asked) {
  std::vector<neighbour> all;
  const auto distances = kernels_for(view.seen.metric);
  auto prepared = query;
  prepare(view.seen.metric, prepared);
  for (std::size_t row = 0; row < view.given.size(); ++row) {
    const std::uint64_t label = row + 1;
    if (view.seen.dead.contains(label) || !find(view.seen, label)
        || (asked.allowed != nullptr && !asked.allowed->contains(label)))
      continue;
    auto vector = view.given[row];
    prepare(view.seen.metric, vector);
    const auto distance = distances.one(prepared.data(), vector.data(), vector.size());
    if (distance <= asked.within.farthest && (!asked.within.after || *asked.within.after < rank{distance, label}))
      all.push_back({distance, label});
  }
  std::ranges::sort(all);
  all.resize(std::min(all.size(), asked.k));
  return all;
}

bool are_same(const std::vector<neighbour>& found, const std::vector<neighbour>& wanted) {
  return std::ranges::equal(found, wanted, [](const neighbour& a, const neighbour& b) {
    return a.distance == b.distance && a.label == b.label;
  });
}

double recall(const std::vector<neighbour>& found, const std::vector<neighbour>& wanted) {
  const auto labels = labels_of(found);
  return static_cast<double>(
           std::ranges::count_if(wanted, [&](const auto& x) { return std::ranges::count(labels, x.label) > 0; }))
    / static_cast<double>(wanted.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(forms)

BOOST_AUTO_TEST_CASE(an_exact_search_among_int8_vectors_gives_the_very_hits_and_distances_of_float32) {
  for (const std::size_t dimension : {1U, 2U, 15U, 16U, 17U, 100U, 300U})
    for (const auto by : metrics) {
      const auto rows = clustered_vectors(700, dimension, 1);
      made_view view{by, rows, {{300, 1, 199}, {50, 150}}, vector_form::int8};
      for (std::uint64_t label = 3; label < 700; label += 5)
        view.bury(label);
      for (const auto& query : clustered_vectors(20, dimension, 2))
        for (const std::size_t k : {0U, 1U, 10U, 600U, 40'000U}) {
          const search_parameters asked{k, 100, true};
          BOOST_TEST(are_same(view.find(query, asked), expected(view, query, asked)),
                     "dimension " << dimension << ", " << to_string(by) << ", k " << k);
        }
    }
}

BOOST_AUTO_TEST_CASE(so_it_does_within_a_radius_after_a_mark_and_among_the_rows_of_a_filter) {
  for (const auto by : metrics) {
    const auto rows = clustered_vectors(600, 20, 3);
    made_view view{by, rows, {{500}, {100}}, vector_form::int8};
    label_set allowed;
    for (std::uint64_t label = 1; label <= 600; label += 3)
      allowed.insert(label);
    for (const auto& query : clustered_vectors(30, 20, 4))
      for (const auto* among : {static_cast<const label_set*>(nullptr), static_cast<const label_set*>(&allowed)}) {
        search_parameters asked{50, 100, true};
        asked.allowed = among;
        const auto first = expected(view, query, asked);
        asked.within.after = rank{first[20].distance, first[20].label};
        asked.within.skipped = 21;
        BOOST_TEST(are_same(view.find(query, asked), expected(view, query, asked)));
        asked.within.farthest = first[40].distance;
        const auto found = view.find(query, asked);
        BOOST_TEST(are_same(found, expected(view, query, asked)));
        BOOST_TEST(found.size() == 20U);
      }
  }
}

BOOST_AUTO_TEST_CASE(few_more_vectors_than_the_hits_are_looked_at) {
  const auto rows = clustered_vectors(3'000, 100, 5);
  made_view view{metric::cosine, rows, {{3'000}, {}, true}, vector_form::int8};
  std::size_t looked_at = 0;
  const auto queries = clustered_vectors(100, 100, 6);
  for (const auto& query : queries) {
    BOOST_TEST(view.find(query, 10, false).size() == 10U);
    looked_at += view.looked_at;
  }
  BOOST_TEST(looked_at >= 10 * queries.size());
  BOOST_TEST(looked_at < 25 * queries.size());
}

BOOST_AUTO_TEST_CASE(equal_vectors_make_no_search_look_at_all_of_them) {
  const vectors rows(3'000, {0.3F, -0.2F, 0.9F});
  made_view view{metric::l2, rows, {{2'000}, {1'000}, true}, vector_form::int8};
  BOOST_TEST(view.find({0.3F, -0.2F, 0.8F}, 10, false).size() == 10U);
  BOOST_TEST(view.looked_at <= 72U);
}

BOOST_AUTO_TEST_CASE(graphs_over_every_form_find_what_those_over_float32_find) {
  const auto rows = clustered_vectors(6'000, 60, 7);
  const auto queries = clustered_vectors(100, 60, 8);
  for (const auto by : metrics) {
    std::map<vector_form, double> recalls;
    for (const auto form : {vector_form::float32, vector_form::float16, vector_form::int8}) {
      made_view view{by, rows, {{6'000}, {}, true}, form};
      auto& found = recalls[form];
      for (const auto& query : queries) {
        search_parameters asked{10, 100, false};
        const auto near = view.find(query, asked);
        BOOST_TEST(std::ranges::is_sorted(near));
        found += recall(near, expected(view, query, asked));
      }
      BOOST_TEST(found >= 0.99 * recalls[vector_form::float32],
                 to_string(by) << ", " << to_string(form) << ": " << found);
    }
    BOOST_TEST(recalls[vector_form::float32] >= 0.8 * static_cast<double>(queries.size()));
  }
}

BOOST_AUTO_TEST_CASE(many_queries_find_the_candidates_of_single_ones_in_every_form) {
  const auto rows = clustered_vectors(900, 33, 9);
  const auto queries = clustered_vectors(30, 33, 10);
  std::vector<float> values;
  for (const auto& query : queries)
    values.insert(values.end(), query.begin(), query.end());
  for (const auto form : {vector_form::float16, vector_form::int8})
    for (const auto by : metrics) {
      made_view view{by, rows, {{500, 200}, {200}, true}, form};
      search_run run{view.seen, values, queries.size(), {7, 20, true}};
      for (std::size_t i = 0; !run.done();) {
        run.step(view.scratch);
        for (; run.ready() > 0; ++i)
          BOOST_TEST((run.take() == search(view.seen, queries[i], {7, 20, true}, view.scratch)));
      }
    }
}

BOOST_AUTO_TEST_CASE(float16_distances_are_those_of_float32_but_for_the_rounding) {
  const auto rows = clustered_vectors(500, 100, 11);
  made_view view{metric::l2, rows, {{400}, {100}}, vector_form::float16};
  for (const auto& query : clustered_vectors(20, 100, 12)) {
    const auto found = view.find(query, 10, true);
    const auto wanted = expected(view, query, {10, 100, true});
    for (std::size_t i = 0; i < 10; ++i)
      BOOST_TEST(std::abs(found[i].distance - wanted[i].distance) <= 2e-3F * wanted[i].distance);
  }
}

BOOST_AUTO_TEST_CASE(segments_grow_over_rows_of_every_form) {
  const auto rows = clustered_vectors(1'500, 24, 13);
  for (const auto form : {vector_form::float16, vector_form::int8}) {
    view_builder builder{metric::cosine, {24, form}};
    std::uint64_t number = 0;
    const auto grow = [&] {
      segment_growth growth{builder.snapshot(), {{8, 60}, 2'000}};
      while (!growth.done())
        must_do(growth.step());
      BOOST_TEST(builder.adopt(growth.take()));
    };
    for (const auto& row : rows) {
      ++number;
      builder.put(number, "key" + std::to_string(number), row);
      builder.seal(number);
      if (number == 1'000)
        grow();
    }
    for (std::uint64_t label = 5; label < 900; label += 7)
      builder.bury({++number, label});
    builder.seal(number);
    grow();
    const auto view = builder.snapshot();
    BOOST_TEST(view->delta.empty());
    BOOST_REQUIRE(view->segments.size() == 1U);
    BOOST_TEST((view->segments[0].rows.rows->layout() == vector_layout{24, form}));
    search_scratch scratch;
    std::size_t first = 0;
    for (std::size_t row = 0; row < rows.size(); row += 10) {
      const auto found = search(*view, rows[row], {1, 100}, scratch);
      const auto is_dead = view->dead.contains(row + 1);
      first += !found.empty() && (found.front().label == row + 1) != is_dead ? 1 : 0;
    }
    BOOST_TEST(first >= 148U, to_string(form) << ": " << first << " of 150");
  }
}

BOOST_AUTO_TEST_SUITE_END()
