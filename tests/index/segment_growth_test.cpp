#include "index/search.hpp"
#include "index/segment_growth.hpp"
#include "index/view_builder.hpp"

#include "tests/support/files.hpp"
#include "tests/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::index;
using namespace lodge::test;

namespace {

using vectors = std::vector<std::vector<float>>;

grown_segments grow(const view_ptr& from, const growth_options& options = {}) {
  segment_growth growth{from, options};
  while (!growth.done())
    must_do(growth.step());
  BOOST_TEST(growth.rows_linked() == growth.rows_to_link());
  return growth.take();
}

/// A collection in memory: what was put lives until it is replaced.
struct collection {
  view_builder builder;
  std::uint64_t number = 0;
  vectors put_so_far;

  explicit collection(metric by, std::size_t dimension) : builder(by, {dimension}) {}

  std::uint64_t put(const std::vector<float>& vector) {
    ++number;
    builder.put(number, std::to_string(number), vector);
    return number;
  }
  void put_all(const vectors& rows) {
    for (const auto& row : rows)
      put(row);
  }
  void bury(std::uint64_t label) { builder.bury({++number, label}); }
  view_ptr seen() {
    builder.seal(number);
    return builder.snapshot();
  }
  void grow_by(const growth_options& options = {}) { BOOST_TEST(builder.adopt(grow(seen(), options))); }
};

std::vector<std::size_t> sizes(const view& seen) {
  std::vector<std::size_t> made;
  for (const auto& part : seen.segments)
    made.push_back(part.rows.rows->size());
  return made;
}

double recall(const view& seen, const vectors& queries) {
  search_scratch scratch;
  std::size_t right = 0;
  for (const auto& query : queries) {
    std::set<std::uint64_t> wanted;
    for (const auto& each : search(seen, query, {10, 100, true}, scratch))
      wanted.insert(each.label);
    for (const auto& each : search(seen, query, {10, 100, false}, scratch))
      right += wanted.count(each.label);
  }
  return static_cast<double>(right) / static_cast<double>(10 * queries.size());
}

/// Living rows of a segment to which no way leads from the entry on the lowest level.
std::size_t unreachable(const view& seen) {
  std::size_t lost = 0;
  for (const auto& part : seen.segments) {
    const auto links = part.rows.graph->lists();
    std::vector<bool> met(links.size, false);
    std::vector<int> next{links.entry};
    met[static_cast<std::size_t>(links.entry)] = true;
    while (!next.empty()) {
      const auto node = next.back();
      next.pop_back();
      for (const auto link : links.all(node, 0))
        if (link >= 0 && !met[static_cast<std::size_t>(link)]) {
          met[static_cast<std::size_t>(link)] = true;
          next.push_back(link);
        }
    }
    for (std::size_t row = 0; row < links.size; ++row)
      lost += !met[row] && !seen.dead.contains(part.rows.rows->label(row)) ? 1 : 0;
  }
  return lost;
}

vectors words(std::size_t first, std::size_t count) {
  static const auto all = read_vecs<float>("words-10k.fvecs");
  return {all.begin() + static_cast<std::ptrdiff_t>(first), all.begin() + static_cast<std::ptrdiff_t>(first + count)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(growing)

BOOST_AUTO_TEST_CASE(a_view_of_rows_without_a_graph_grows_one_segment_over_all_that_live) {
  collection of{metric::l2, 8};
  of.put_all(clustered_vectors(300, 8, 1));
  for (std::uint64_t label = 1; label <= 300; label += 3)
    of.bury(label);
  const auto made = grow(of.seen());
  BOOST_TEST(made.covers == 400U);
  BOOST_REQUIRE(made.segments.size() == 1U);
  BOOST_TEST(made.segments[0].rows.rows->size() == 200U);
  BOOST_TEST(made.segments[0].rows.graph->size() == 200U);
  BOOST_TEST(made.segments[0].living == 200U);
  BOOST_TEST(made.segments[0].rows.id == 0U);
  BOOST_TEST(made.dead.empty());
}

BOOST_AUTO_TEST_CASE(what_is_new_is_linked_and_what_was_linked_is_not_linked_again) {
  collection of{metric::cosine, 100};
  of.put_all(words(0, 3'000));
  of.grow_by();
  const auto before = of.seen();
  of.put_all(words(3'000, 200));
  of.bury(5);
  of.bury(3'001);
  const auto seen = of.seen();
  segment_growth growth{seen, {}};
  while (!growth.done())
    must_do(growth.step());
  BOOST_TEST(growth.rows_linked() == 199U);
  const auto made = growth.take();
  BOOST_REQUIRE(made.segments.size() == 1U);
  BOOST_TEST(made.segments[0].rows.rows->size() == 3'199U);
  BOOST_TEST(made.segments[0].living == 3'198U);
  BOOST_TEST(made.dead.contains(5));
  BOOST_TEST(made.dead.size() == 1U);
  // What others look at stays as it was.
  BOOST_TEST(before->segments[0].rows.graph->size() == 3'000U);
  BOOST_TEST(unreachable(*before) == 0U);
}

BOOST_AUTO_TEST_CASE(a_growth_without_anything_new_keeps_the_segments_as_they_are) {
  collection of{metric::l2, 8};
  of.put_all(clustered_vectors(3'000, 8, 2));
  of.grow_by();
  const auto before = of.seen();
  const auto label = of.put({1, 2, 3, 4, 5, 6, 7, 8});
  of.bury(label);
  of.bury(7);
  const auto made = grow(of.seen());
  BOOST_TEST(made.covers == of.number);
  BOOST_TEST(made.segments[0].rows.graph == before->segments[0].rows.graph);
  BOOST_TEST(made.segments[0].rows.rows == before->segments[0].rows.rows);
  BOOST_TEST(made.segments[0].living == 2'999U);
}

BOOST_AUTO_TEST_CASE(a_segment_of_which_30_percent_are_dead_is_built_anew_from_the_living) {
  collection of{metric::l2, 8};
  of.put_all(clustered_vectors(3'000, 8, 3));
  of.grow_by();
  for (std::uint64_t label = 1; label < 900; ++label)
    of.bury(label);
  of.grow_by();
  BOOST_TEST(sizes(*of.seen()) == std::vector<std::size_t>{3'000}, boost::test_tools::per_element());
  of.bury(900);
  of.grow_by();
  BOOST_TEST(sizes(*of.seen()) == std::vector<std::size_t>{2'100}, boost::test_tools::per_element());
  BOOST_TEST(of.seen()->dead.empty());
}

BOOST_AUTO_TEST_CASE(a_small_segment_keeps_no_dead) {
  collection of{metric::l2, 8};
  of.put_all(clustered_vectors(2'000, 8, 4));
  of.grow_by();
  of.bury(1);
  of.grow_by();
  BOOST_TEST(sizes(*of.seen()) == std::vector<std::size_t>{1'999}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(on_request_everything_is_built_anew) {
  collection of{metric::l2, 8};
  of.put_all(clustered_vectors(3'000, 8, 5));
  of.grow_by();
  of.bury(1);
  growth_options options;
  options.rebuild = true;
  of.grow_by(options);
  BOOST_TEST(sizes(*of.seen()) == std::vector<std::size_t>{2'999}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_segment_stays_and_another_is_begun) {
  collection of{metric::l2, 8};
  const auto rows = clustered_vectors(10'000, 8, 6);
  growth_options options;
  options.largest_segment = 3'000;
  of.put_all({rows.begin(), rows.begin() + 4'000});
  of.grow_by(options);
  BOOST_TEST(sizes(*of.seen()) == (std::vector<std::size_t>{3'000, 1'000}), boost::test_tools::per_element());
  const auto before = of.seen();
  of.put_all({rows.begin() + 4'000, rows.begin() + 9'500});
  of.grow_by(options);
  BOOST_TEST(sizes(*of.seen()) == (std::vector<std::size_t>{3'000, 3'000, 3'000, 500}),
             boost::test_tools::per_element());
  BOOST_TEST(of.seen()->segments[0].rows.graph == before->segments[0].rows.graph);
  // One in the middle loses its dead; the others stay.
  for (std::uint64_t label = 3'001; label <= 4'500; ++label)
    of.bury(label);
  of.grow_by(options);
  auto seen = sizes(*of.seen());
  std::ranges::sort(seen);
  BOOST_TEST(seen == (std::vector<std::size_t>{500, 1'500, 3'000, 3'000}), boost::test_tools::per_element());
  BOOST_TEST(of.seen()->living == 8'000U);
}

BOOST_AUTO_TEST_CASE(a_growth_may_take_a_part_of_what_is_new) {
  collection of{metric::l2, 8};
  of.put_all(clustered_vectors(1'000, 8, 7));
  growth_options options;
  options.most_new_rows = 300;
  of.grow_by(options);
  BOOST_TEST(of.builder.covers() == 300U);
  BOOST_TEST(of.builder.delta_rows() == 700U);
  of.grow_by(options);
  BOOST_TEST(of.builder.covers() == 600U);
  BOOST_TEST(sizes(*of.seen()) == std::vector<std::size_t>{600}, boost::test_tools::per_element());
  options.most_new_rows = 400;
  of.grow_by(options);
  BOOST_TEST(of.builder.covers() == 1'000U);
  BOOST_TEST(of.seen()->living == 1'000U);
}

BOOST_AUTO_TEST_CASE(when_nothing_lives_there_is_no_segment) {
  collection of{metric::l2, 8};
  BOOST_TEST(grow(of.seen()).segments.empty());
  of.put_all(clustered_vectors(10, 8, 8));
  of.grow_by();
  for (std::uint64_t label = 1; label <= 10; ++label)
    of.bury(label);
  of.grow_by();
  BOOST_TEST(of.seen()->segments.empty());
  BOOST_TEST(of.seen()->living == 0U);
}

BOOST_AUTO_TEST_CASE(the_same_growths_give_the_same_graph) {
  const auto made = [] {
    collection of{metric::cosine, 100};
    for (std::size_t first = 0; first < 1'000; first += 250) {
      of.put_all(words(first, 250));
      of.grow_by();
    }
    return must(of.seen()->segments[0].rows.graph->serialize());
  };
  BOOST_TEST((made() == made()));
}

BOOST_AUTO_TEST_CASE(a_graph_that_was_stored_and_read_grows_as_the_one_that_was_not) {
  collection of{metric::cosine, 100};
  of.put_all(words(0, 600));
  of.grow_by();
  auto stored = *of.seen();
  auto& links = stored.segments[0].rows.graph;
  links = must(graph::parse(must(links->serialize()), 600));
  view_builder other{metric::cosine, {100}};
  other.load({600, 600, 1, {stored.segments[0].rows}, {}, {}});
  of.put_all(words(600, 100));
  for (std::uint64_t label = 601; label <= 700; ++label)
    other.put(label, std::to_string(label), words(label - 1, 1).front());
  other.seal(700);
  const auto here = grow(of.seen());
  const auto there = grow(other.snapshot());
  BOOST_TEST((must(here.segments[0].rows.graph->serialize()) == must(there.segments[0].rows.graph->serialize())));
}

BOOST_AUTO_TEST_CASE(a_segment_of_another_density_is_built_anew) {
  collection of{metric::l2, 8};
  of.put_all(clustered_vectors(300, 8, 9));
  of.grow_by();
  growth_options denser;
  denser.graph.m = 32;
  of.grow_by(denser);
  BOOST_TEST(of.seen()->segments[0].rows.graph->m() == 32U);
}

BOOST_AUTO_TEST_CASE(after_three_replacements_of_all_words_recall_is_that_of_a_fresh_graph_and_all_can_be_reached) {
  constexpr std::size_t count = 3'000;
  auto queries = read_vecs<float>("words-queries.fvecs");
  queries.resize(200);
  growth_options options;
  options.graph.ef_construction = 100;
  collection churned{metric::cosine, 100};
  std::vector<std::uint64_t> labels;
  for (const auto& row : words(0, count))
    labels.push_back(churned.put(row));
  churned.grow_by(options);
  for (std::size_t round = 1; round <= 3; ++round)
    for (std::size_t i = 0; i < count; ++i) {
      const auto died = labels[i];
      // Each round has other words, the last those of the first.
      labels[i] = churned.put(words((round % 3) * count + i, 1).front());
      churned.builder.bury({churned.number, died});
      if (i % 500 == 499)
        churned.grow_by(options);
    }
  collection fresh{metric::cosine, 100};
  fresh.put_all(words(0, count));
  fresh.grow_by(options);
  const auto seen = churned.seen();
  BOOST_TEST(seen->living == count);
  BOOST_TEST(seen->delta.empty());
  const auto expected = recall(*fresh.seen(), queries);
  BOOST_TEST(expected >= 0.95);
  BOOST_TEST(recall(*seen, queries) >= expected - 0.01);
  BOOST_TEST(unreachable(*seen) == 0U);
  BOOST_TEST(unreachable(*fresh.seen()) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
