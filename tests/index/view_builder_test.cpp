#include "index/graph_builder.hpp"
#include "index/view_builder.hpp"

#include "index/search.hpp"

#include "tests/index/rows.hpp"
#include "tests/support/files.hpp"
#include "tests/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::index;
using namespace lodge::test;

namespace {

using label_list = std::vector<std::uint64_t>;

/// Every label's vector, so that what is found can be compared.
std::vector<float> vector_of(std::uint64_t label) { return {static_cast<float>(label), 1}; }

segment segment_of(std::uint64_t id, const label_list& labels) {
  auto block = std::make_shared<row_block>(vector_layout{2}, labels.size());
  for (const auto label : labels)
    block->append(label, "key" + std::to_string(label), row_of(vector_of(label)));
  return {id, pages_of(block), nullptr};
}

row_range range_of(const label_list& labels) { return segment_of(0, labels).rows->pages().front(); }

void put(view_builder& builder, const label_list& labels) {
  for (const auto label : labels)
    builder.put(label, "key" + std::to_string(label), vector_of(label));
}

/// The living labels, as an exact search for all of them sees them; nearest to 0 first, so ascending.
label_list living(const view& seen) {
  search_scratch scratch;
  label_list found;
  for (const auto& one : search(seen, std::vector<float>{0, 1}, {1'000'000, 100, true}, scratch))
    found.push_back(one.label);
  return found;
}

#define CHECK_LIVING(seen, ...)                                                                                        \
  BOOST_TEST(living(*(seen)) == (label_list __VA_ARGS__), boost::test_tools::per_element());                           \
  BOOST_TEST((seen)->living == (label_list __VA_ARGS__).size())

} // namespace

BOOST_AUTO_TEST_SUITE(view_builders)

BOOST_AUTO_TEST_CASE(a_new_builder_gives_an_empty_view_of_number_0) {
  const view_builder builder{metric::cosine, {2}};
  const auto seen = builder.snapshot();
  BOOST_TEST(seen->number == 0U);
  BOOST_TEST(seen->dimension == 2U);
  BOOST_TEST((seen->metric == metric::cosine));
  CHECK_LIVING(seen, {});
}

BOOST_AUTO_TEST_CASE(rows_put_are_seen_with_the_number_that_was_sealed) {
  view_builder builder{metric::l2, {2}};
  put(builder, {1, 2, 5});
  builder.seal(7);
  const auto seen = builder.snapshot();
  BOOST_TEST(seen->number == 7U);
  BOOST_TEST(builder.number() == 7U);
  BOOST_TEST(builder.living() == 3U);
  CHECK_LIVING(seen, {1, 2, 5});
}

BOOST_AUTO_TEST_CASE(vectors_are_prepared_for_the_metric_when_they_are_put) {
  view_builder builder{metric::cosine, {2}};
  builder.put(1, "a", std::vector<float>{3, 4});
  builder.seal(1);
  const auto seen = builder.snapshot();
  const auto& range = seen->delta.front();
  BOOST_TEST(values_of(range.block->vector(range.first))[0] == 0.6F);
  BOOST_TEST(values_of(range.block->vector(range.first))[1] == 0.8F);
}

BOOST_AUTO_TEST_CASE(a_label_that_is_unknown_or_buried_already_is_passed_over) {
  view_builder builder{metric::l2, {2}};
  put(builder, {3, 5});
  builder.bury({6, 3});
  builder.bury({7, 3});
  builder.bury({8, 4});
  builder.bury({9, 1});
  builder.bury({10, 99});
  builder.seal(10);
  CHECK_LIVING(builder.snapshot(), {5});
  BOOST_TEST(builder.living() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_loaded_is_seen_with_its_deaths) {
  view_builder builder{metric::l2, {2}};
  put(builder, {1, 2});
  const auto delta = range_of({12, 15});
  builder.load({20, 10, 1, {segment_of(1, {1, 3, 5}), segment_of(2, {7, 9})}, {delta}, {{13, 3}, {14, 9}, {16, 4}}});
  const auto seen = builder.snapshot();
  BOOST_TEST(seen->number == 20U);
  BOOST_TEST(builder.covers() == 10U);
  CHECK_LIVING(seen, {1, 5, 7, 12, 15});
  BOOST_TEST(seen->segments.at(0).living == 2U);
  BOOST_TEST(seen->segments.at(1).living == 1U);
  // The log goes on after it.
  put(builder, {21});
  builder.bury({22, 12});
  builder.bury({23, 1});
  builder.seal(23);
  CHECK_LIVING(builder.snapshot(), {5, 7, 15, 21});
  CHECK_LIVING(seen, {1, 5, 7, 12, 15});
}

BOOST_AUTO_TEST_CASE(loading_anew_forgets_everything_before) {
  view_builder builder{metric::l2, {2}};
  builder.load({20, 10, 1, {segment_of(1, {1, 3})}, {}, {{12, 3}}});
  put(builder, {21});
  builder.seal(21);
  builder.load({30, 0, 0, {}, {range_of({25})}, {}});
  BOOST_TEST(builder.covers() == 0U);
  CHECK_LIVING(builder.snapshot(), {25});
}

BOOST_AUTO_TEST_CASE(a_base_that_covers_less_than_the_present_one_is_dropped) {
  view_builder builder{metric::l2, {2}};
  builder.load({10, 10, 1, {segment_of(1, {4, 8})}, {}, {}});
  put(builder, {11});
  builder.bury({12, 4});
  builder.seal(12);
  BOOST_TEST(!builder.adopt(grown(9, {segment_of(2, {4, 6})})));
  const auto seen = builder.snapshot();
  BOOST_TEST(seen->segments.at(0).rows.id == 1U);
  BOOST_TEST(builder.covers() == 10U);
  BOOST_TEST(builder.number() == 12U);
  CHECK_LIVING(seen, {8, 11});
}

BOOST_AUTO_TEST_CASE(a_base_below_the_number_takes_the_place_of_the_rows_that_it_covers) {
  view_builder builder{metric::l2, {2}};
  put(builder, {1, 2, 3, 4, 6, 8});
  builder.bury({5, 2});
  builder.bury({7, 3});
  builder.bury({9, 8});
  builder.seal(9);
  // At 6 lived 1, 3, 4 and 6; the deaths of 3 and 8 came after it.
  BOOST_TEST(builder.adopt(grown(6, {segment_of(1, {1, 3}), segment_of(2, {4, 6})})));
  const auto seen = builder.snapshot();
  BOOST_TEST(seen->number == 9U);
  BOOST_TEST(builder.covers() == 6U);
  CHECK_LIVING(seen, {1, 4, 6});
  BOOST_TEST(seen->segments.at(0).living == 1U);
  BOOST_TEST(seen->segments.at(1).living == 2U);
  // And they survive the next swap too, where they are still needed.
  BOOST_TEST(builder.adopt(grown(7, {segment_of(3, {1, 4, 6})})));
  CHECK_LIVING(builder.snapshot(), {1, 4, 6});
  put(builder, {10});
  builder.seal(10);
  CHECK_LIVING(builder.snapshot(), {1, 4, 6, 10});
}

BOOST_AUTO_TEST_CASE(a_base_at_the_number_leaves_no_delta_and_no_deaths) {
  view_builder builder{metric::l2, {2}};
  put(builder, {1, 2, 3});
  builder.bury({4, 2});
  builder.seal(4);
  const std::weak_ptr<const row_block> block = builder.snapshot()->delta.front().block;
  BOOST_TEST(builder.adopt(grown(4, {segment_of(1, {1, 3})})));
  const auto seen = builder.snapshot();
  BOOST_TEST(seen->delta.empty());
  BOOST_TEST(seen->dead.empty());
  CHECK_LIVING(seen, {1, 3});
  // Its memory goes with the last view of it.
  BOOST_TEST(block.expired());
}

BOOST_AUTO_TEST_CASE(a_base_ahead_of_the_number_moves_the_view_to_it) {
  view_builder builder{metric::l2, {2}};
  put(builder, {1, 2});
  builder.bury({3, 1});
  builder.seal(3);
  BOOST_TEST(builder.adopt(grown(8, {segment_of(1, {5, 8})})));
  const auto seen = builder.snapshot();
  BOOST_TEST(seen->number == 8U);
  BOOST_TEST(builder.number() == 8U);
  CHECK_LIVING(seen, {5, 8});
  put(builder, {9});
  builder.bury({10, 5});
  builder.seal(10);
  CHECK_LIVING(builder.snapshot(), {8, 9});
}

BOOST_AUTO_TEST_CASE(deaths_told_at_the_load_hold_for_a_base_from_before_them) {
  view_builder builder{metric::l2, {2}};
  builder.load({20, 0, 0, {}, {range_of({3, 12})}, {{15, 5}}});
  BOOST_TEST(builder.adopt(grown(10, {segment_of(1, {3, 5})})));
  CHECK_LIVING(builder.snapshot(), {3, 12});
}

BOOST_AUTO_TEST_CASE(another_base_of_the_same_watermark_may_take_its_place) {
  view_builder builder{metric::l2, {2}};
  builder.load({9, 5, 1, {segment_of(1, {2, 4})}, {range_of({7})}, {{8, 2}}});
  BOOST_TEST(builder.adopt(grown(5, {segment_of(2, {2}), segment_of(3, {4})})));
  const auto seen = builder.snapshot();
  BOOST_TEST(seen->segments.size() == 2U);
  CHECK_LIVING(seen, {4, 7});
}

BOOST_AUTO_TEST_CASE(a_base_of_nothing_is_a_base) {
  view_builder builder{metric::l2, {2}};
  put(builder, {1});
  builder.bury({2, 1});
  builder.seal(2);
  BOOST_TEST(builder.adopt(grown(2, {})));
  CHECK_LIVING(builder.snapshot(), {});
  put(builder, {3});
  builder.seal(3);
  CHECK_LIVING(builder.snapshot(), {3});
}

BOOST_AUTO_TEST_CASE(a_graph_is_attached_to_its_segment_and_not_to_others) {
  view_builder builder{metric::l2, {2}};
  builder.load({9, 9, 1, {segment_of(1, {2, 4}), segment_of(2, {6})}, {}, {}});
  const auto before = builder.snapshot();
  graph_builder links{before->segments[0].rows.rows, kernels_for(metric::l2), {}};
  must_do(links.step());
  const std::shared_ptr<const graph> built = links.take();
  builder.attach_graph(77, built);
  BOOST_TEST(builder.snapshot()->segments[0].rows.graph == nullptr);
  builder.attach_graph(1, built);
  const auto after = builder.snapshot();
  BOOST_TEST(after->segments[0].rows.graph == built);
  BOOST_TEST(after->segments[1].rows.graph == nullptr);
  BOOST_TEST(before->segments[0].rows.graph == nullptr);
  CHECK_LIVING(after, {2, 4, 6});
}

BOOST_AUTO_TEST_CASE(a_view_of_many_puts_lists_few_blocks) {
  view_builder builder{metric::l2, {2}};
  for (std::uint64_t label = 1; label <= 10'000; ++label)
    builder.put(label, "k", vector_of(label));
  builder.seal(10'000);
  const auto seen = builder.snapshot();
  BOOST_TEST(seen->delta.size() <= 8U);
  BOOST_TEST(seen->living == 10'000U);
  BOOST_TEST(living(*seen).size() == 10'000U);
}

BOOST_AUTO_TEST_SUITE_END()
