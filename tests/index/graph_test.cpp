#include "index/graph_builder.hpp"

#include "index/search.hpp"

#include "tests/index/rows.hpp"
#include "tests/support/files.hpp"
#include "tests/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

using namespace lodge;
using namespace lodge::index;
using namespace lodge::test;

namespace {

using vectors = std::vector<std::vector<float>>;
using bytes = std::vector<std::uint8_t>;

row_block_ptr block_of(const vectors& rows, metric by) {
  auto block = std::make_shared<row_block>(vector_layout{rows.front().size()}, rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto prepared = rows[row];
    prepare(by, prepared);
    block->append(row + 1, std::to_string(row), row_of(prepared));
  }
  return block;
}

std::shared_ptr<const graph> build(const row_block_ptr& rows, metric by, graph_options options = {}) {
  graph_builder builder{pages_of(rows), kernels_for(by), options};
  while (!builder.done())
    must_do(builder.step());
  return builder.take();
}

segment segment_of(const row_block_ptr& rows, std::shared_ptr<const graph> links) {
  return {1, pages_of(rows), std::move(links)};
}

std::vector<int> nodes_near(const segment& where, std::vector<float> query, metric by, std::size_t k, std::size_t ef) {
  prepare(by, query);
  search_scratch scratch;
  search_graph(where, kernels_for(by), {label_set{}}, query.data(), ef, where.rows->size() / 2, scratch);
  std::vector<int> nodes;
  for (std::size_t i = 0; i < std::min(k, scratch.found.size()); ++i)
    nodes.push_back(scratch.found[i].node);
  return nodes;
}

/// In double precision, over the vectors as they were given.
std::vector<int> scanned(const vectors& rows, const std::vector<float>& query, metric by, std::size_t k) {
  std::vector<std::pair<double, int>> all;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    double squares = 0;
    double product = 0;
    double length = 0;
    for (std::size_t i = 0; i < query.size(); ++i) {
      squares += (double{query[i]} - rows[row][i]) * (double{query[i]} - rows[row][i]);
      product += double{query[i]} * rows[row][i];
      length += double{rows[row][i]} * rows[row][i];
    }
    const auto distance = by == metric::l2 ? squares : by == metric::cosine ? -product / std::sqrt(length) : -product;
    all.emplace_back(distance, static_cast<int>(row));
  }
  std::ranges::sort(all);
  std::vector<int> nodes;
  for (std::size_t i = 0; i < k; ++i)
    nodes.push_back(all[i].second);
  return nodes;
}

double recall(const segment& where, const vectors& rows, const vectors& queries, metric by) {
  std::size_t right = 0;
  for (const auto& query : queries) {
    const auto expected = scanned(rows, query, by, 10);
    const std::set<int> wanted(expected.begin(), expected.end());
    for (const auto node : nodes_near(where, query, by, 10, 100))
      right += wanted.count(node);
  }
  return static_cast<double>(right) / static_cast<double>(10 * queries.size());
}

/// The first of the shipped words and their graph, built once.
struct word_graph {
  vectors rows = read_vecs<float>("words-10k.fvecs");
  row_block_ptr block;
  segment built;

  word_graph() {
    rows.resize(3'000);
    block = block_of(rows, metric::cosine);
    built = segment_of(block, build(block, metric::cosine));
  }
  static const word_graph& once() {
    static const word_graph made;
    return made;
  }
};

bytes small_graph_bytes(std::size_t rows) {
  return must(build(block_of(clustered_vectors(rows, 8, 3), metric::l2), metric::l2)->serialize());
}

} // namespace

BOOST_AUTO_TEST_SUITE(graphs)

BOOST_AUTO_TEST_CASE(recall_at_10_on_the_shipped_words_is_95_percent_at_the_default_ef) {
  const auto& words = word_graph::once();
  auto queries = read_vecs<float>("words-queries.fvecs");
  queries.resize(200);
  BOOST_TEST(words.built.graph->size() == 3'000U);
  BOOST_TEST(recall(words.built, words.rows, queries, metric::cosine) >= 0.95);
}

BOOST_AUTO_TEST_CASE(a_stored_word_is_its_own_first_hit_999_times_of_1000) {
  const auto& words = word_graph::once();
  std::size_t found = 0;
  for (int row = 0; row < 3'000; row += 3) {
    const auto nodes = nodes_near(words.built, words.rows[static_cast<std::size_t>(row)], metric::cosine, 1, 100);
    found += !nodes.empty() && nodes.front() == row ? 1 : 0;
  }
  BOOST_TEST(found >= 999U);
}

BOOST_AUTO_TEST_CASE(a_larger_ef_finds_no_fewer_of_the_neighbours) {
  const auto& words = word_graph::once();
  auto queries = read_vecs<float>("words-queries.fvecs");
  std::size_t right_at_10 = 0;
  std::size_t right_at_800 = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    const auto expected = scanned(words.rows, queries[i], metric::cosine, 10);
    const std::set<int> wanted(expected.begin(), expected.end());
    for (const auto node : nodes_near(words.built, queries[i], metric::cosine, 10, 10))
      right_at_10 += wanted.count(node);
    for (const auto node : nodes_near(words.built, queries[i], metric::cosine, 10, 800))
      right_at_800 += wanted.count(node);
  }
  BOOST_TEST(right_at_800 >= 498U);
  BOOST_TEST(right_at_800 > right_at_10);
}

BOOST_AUTO_TEST_CASE(every_metric_has_a_graph_that_finds_its_neighbours) {
  const auto rows = clustered_vectors(1'500, 16, 7);
  const auto queries = clustered_vectors(50, 16, 7);
  for (const auto by : {metric::l2, metric::inner_product, metric::cosine}) {
    const auto block = block_of(rows, by);
    BOOST_TEST_CONTEXT(to_string(by))
    BOOST_TEST(recall(segment_of(block, build(block, by)), rows, queries, by) >= 0.95);
  }
}

BOOST_AUTO_TEST_CASE(the_same_rows_and_options_give_the_same_graph) {
  const auto rows = clustered_vectors(700, 12, 11);
  const auto first = must(build(block_of(rows, metric::l2), metric::l2)->serialize());
  const auto second = must(build(block_of(rows, metric::l2), metric::l2)->serialize());
  BOOST_TEST((first == second));
  const auto denser = must(build(block_of(rows, metric::l2), metric::l2, {32, 200})->serialize());
  BOOST_TEST(denser.size() > first.size());
}

BOOST_AUTO_TEST_CASE(a_builder_goes_a_few_rows_a_step_and_only_as_far_as_it_was_told) {
  const auto block = block_of(clustered_vectors(200, 4, 1), metric::l2);
  graph_builder builder{pages_of(block, 150), kernels_for(metric::l2), {}};
  for (std::size_t before = 0; !builder.done(); before = builder.linked()) {
    must_do(builder.step());
    BOOST_REQUIRE(builder.linked() > before);
    BOOST_TEST(builder.linked() - before <= 64U);
  }
  BOOST_TEST(builder.linked() == 150U);
  must_do(builder.step());
  BOOST_TEST(builder.linked() == 150U);
  BOOST_TEST(builder.take()->size() == 150U);
}

/// Builds with threads that each take some pieces of every phase; without any, the caller takes them all.
std::shared_ptr<const graph> build_by(std::size_t workers, std::size_t rows_a_piece, graph_builder& builder,
                                      std::mt19937& random) {
  std::vector<walk_scratch> scratches(std::max(workers, std::size_t{1}));
  while (!builder.done()) {
    std::vector<build_piece> pieces;
    while (const auto piece = builder.next_piece(rows_a_piece))
      pieces.push_back(*piece);
    std::ranges::shuffle(pieces, random);
    const auto take = [&](std::size_t worker) {
      for (auto i = worker; i < pieces.size(); i += scratches.size())
        must_do(builder.work(pieces[i], scratches[worker]));
    };
    if (workers == 0) {
      take(0);
    } else {
      std::vector<std::jthread> running;
      for (std::size_t worker = 0; worker < workers; ++worker)
        running.emplace_back(take, worker);
    }
    builder.end_phase();
  }
  return builder.take();
}

BOOST_AUTO_TEST_CASE(any_number_of_workers_in_any_order_build_the_same_graph) {
  const auto block = block_of(clustered_vectors(1'500, 8, 21), metric::l2);
  const auto expected = must(build(block, metric::l2)->serialize());
  std::mt19937 random{21};
  for (const std::size_t workers : {0U, 1U, 2U, 3U, 7U})
    for (const std::size_t rows_a_piece : {1U, 5U, 1'000U}) {
      graph_builder builder{pages_of(block), kernels_for(metric::l2), {}};
      const auto built = build_by(workers, rows_a_piece, builder, random);
      BOOST_TEST((must(built->serialize()) == expected), workers << " workers");
    }
}

BOOST_AUTO_TEST_CASE(a_graph_that_grows_is_the_same_for_any_number_of_workers) {
  const auto block = block_of(clustered_vectors(3'000, 4, 22), metric::l2);
  graph_builder small{pages_of(block, 2'000), kernels_for(metric::l2), {8, 40}};
  while (!small.done())
    must_do(small.step());
  const auto from = small.take();
  graph_builder alone{pages_of(block), kernels_for(metric::l2), {8, 40}, from.get()};
  while (!alone.done())
    must_do(alone.step());
  const auto expected = must(alone.take()->serialize());
  std::mt19937 random{22};
  for (const std::size_t workers : {0U, 1U, 2U, 3U, 7U}) {
    graph_builder builder{pages_of(block), kernels_for(metric::l2), {8, 40}, from.get()};
    BOOST_TEST((must(build_by(workers, 16, builder, random)->serialize()) == expected), workers << " workers");
  }
}

BOOST_AUTO_TEST_CASE(a_large_batch_is_planned_and_linked_in_pieces) {
  const auto block = block_of(clustered_vectors(4'000, 4, 23), metric::l2);
  graph_builder builder{pages_of(block), kernels_for(metric::l2), {8, 20}};
  std::size_t steps_within_a_batch = 0;
  while (!builder.done()) {
    const auto before = builder.linked();
    const auto batch = builder.batch();
    must_do(builder.step());
    BOOST_TEST(builder.linked() - before <= std::max(batch, std::size_t{64}));
    steps_within_a_batch += builder.linked() == before ? 1 : 0;
  }
  BOOST_TEST(steps_within_a_batch > 20U);
}

BOOST_AUTO_TEST_CASE(rows_that_come_in_the_order_of_their_neighbourhood_are_found_all_the_same) {
  // The rows of a batch are each other's neighbours.
  vectors rows;
  for (std::size_t i = 0; i < 3'000; ++i)
    rows.push_back({static_cast<float>(i / 50), static_cast<float>(i % 50) / 100, 0.5F});
  const auto block = block_of(rows, metric::l2);
  const auto built = segment_of(block, build(block, metric::l2));
  for (int row = 0; row < 3'000; row += 7)
    BOOST_TEST(nodes_near(built, rows[static_cast<std::size_t>(row)], metric::l2, 1, 40) == std::vector<int>{row},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_search_finds_only_what_is_admitted_and_ef_counts_only_that) {
  const auto& words = word_graph::once();
  const auto queries = read_vecs<float>("words-queries.fvecs");
  label_set allowed;
  label_set dead;
  for (std::uint64_t label = 1; label <= 3'000; label += 2)
    allowed.insert(label);
  for (std::uint64_t label = 1; label <= 3'000; label += 6)
    dead.insert(label);
  search_scratch scratch;
  std::size_t right = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    auto query = queries[i];
    std::vector<int> expected;
    for (const auto node : scanned(words.rows, query, metric::cosine, 3'000))
      if (const auto label = static_cast<std::uint64_t>(node) + 1;
          expected.size() < 10 && allowed.contains(label) && !dead.contains(label))
        expected.push_back(node);
    prepare(metric::cosine, query);
    BOOST_TEST(search_graph(words.built, kernels_for(metric::cosine), {dead, &allowed}, query.data(), 20,
                            words.rows.size() / 2, scratch));
    BOOST_TEST(scratch.found.size() == 20U);
    for (const auto& found : scratch.found) {
      const auto label = static_cast<std::uint64_t>(found.node) + 1;
      BOOST_TEST((allowed.contains(label) && !dead.contains(label)));
    }
    for (std::size_t j = 0; j < 10; ++j)
      right += static_cast<std::size_t>(std::ranges::count(expected, scratch.found[j].node));
  }
  BOOST_TEST(right >= 475U);
}

BOOST_AUTO_TEST_CASE(a_walk_that_finds_nothing_admitted_gives_up_before_it_has_seen_all) {
  const auto& words = word_graph::once();
  label_set allowed;
  allowed.insert(7);
  auto query = words.rows[2'000];
  prepare(metric::cosine, query);
  search_scratch scratch;
  const label_set none;
  BOOST_TEST(!search_graph(words.built, kernels_for(metric::cosine), {none, &allowed}, query.data(), 10,
                           words.rows.size() / 2, scratch));
  BOOST_TEST(
    search_graph(words.built, kernels_for(metric::cosine), {none}, query.data(), 10, words.rows.size() / 2, scratch));
}

BOOST_AUTO_TEST_CASE(a_graph_that_was_stored_and_read_gives_the_same_answers) {
  const auto& words = word_graph::once();
  const auto stored = must(words.built.graph->serialize());
  const auto read = segment_of(words.block, must(graph::parse(stored, 3'000)));
  const auto queries = read_vecs<float>("words-queries.fvecs");
  for (std::size_t i = 0; i < 100; ++i)
    BOOST_TEST(nodes_near(read, queries[i], metric::cosine, 50, 100)
                 == nodes_near(words.built, queries[i], metric::cosine, 50, 100),
               boost::test_tools::per_element());
  BOOST_TEST((must(read.graph->serialize()) == stored));
}

BOOST_AUTO_TEST_CASE(the_stored_form_holds_links_and_no_vectors) {
  const auto& words = word_graph::once();
  // 100 dimensions would take 400 bytes a row alone; 32 links and some on upper levels take about 150.
  BOOST_TEST(must(words.built.graph->serialize()).size() < 3'000U * 200);
  BOOST_TEST(words.built.graph->bytes_in_memory() < 3'000U * 200);
  BOOST_TEST(words.built.graph->bytes_in_memory() > 3'000U * 128);
}

BOOST_AUTO_TEST_CASE(graphs_of_no_row_and_of_one_row_are_stored_and_read) {
  auto empty = std::make_shared<row_block>(vector_layout{4}, 1);
  graph_builder builder{pages_of(empty, 0), kernels_for(metric::l2), {}};
  BOOST_TEST(builder.done());
  BOOST_TEST(must(graph::parse(must(builder.take()->serialize()), 0))->size() == 0U);

  const auto one = block_of({{1, 2, 3, 4}}, metric::l2);
  const auto read = must(graph::parse(must(build(one, metric::l2)->serialize()), 1));
  BOOST_TEST(nodes_near(segment_of(one, read), {9, 9, 9, 9}, metric::l2, 10, 10) == std::vector<int>{0},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(bytes_cut_short_anywhere_are_refused) {
  const auto whole = small_graph_bytes(100);
  must(graph::parse(whole, 100));
  for (std::size_t size = 0; size < whole.size(); size += size < 200 || size + 300 > whole.size() ? 1 : 97) {
    const auto parsed = graph::parse(std::span{whole}.first(size), 100);
    BOOST_TEST_CONTEXT(size << " of " << whole.size() << " bytes")
    BOOST_TEST(code_of(parsed) == errc::base_corrupt);
  }
}

BOOST_AUTO_TEST_CASE(a_graph_of_another_number_of_nodes_is_refused) {
  const auto whole = small_graph_bytes(100);
  for (const std::size_t nodes : {0U, 1U, 99U, 101U, 1'000'000U})
    BOOST_TEST(code_of(graph::parse(whole, nodes)) == errc::base_corrupt);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_graph_are_refused) {
  BOOST_TEST(code_of(graph::parse(bytes(10'000, 0), 10)) == errc::base_corrupt);
  const std::string text = "This is not a graph, but a sentence of some length that someone stored.";
  BOOST_TEST(code_of(graph::parse(bytes(text.begin(), text.end()), 10)) == errc::base_corrupt);
  std::mt19937 random{9};
  bytes noise(5'000);
  for (auto& byte : noise)
    byte = static_cast<std::uint8_t>(random() % 255);
  noise[0] = 'x';
  BOOST_TEST(code_of(graph::parse(noise, 10)) == errc::base_corrupt);
}

BOOST_AUTO_TEST_CASE(an_index_of_another_kind_is_refused) {
  // FAISS's form of an empty flat L2 index: the kind, d, ntotal, two unused fields, trained, metric, no values.
  bytes flat{'I', 'x', 'F', '2'};
  const auto add = [&](auto value) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
    flat.insert(flat.end(), first, first + sizeof value);
  };
  add(std::int32_t{8});
  add(std::int64_t{0});
  add(std::int64_t{1 << 20});
  add(std::int64_t{1 << 20});
  add(std::uint8_t{1});
  add(std::int32_t{1});
  add(std::uint64_t{0});
  BOOST_TEST(code_of(graph::parse(flat, 0)) == errc::base_corrupt);
}

BOOST_AUTO_TEST_SUITE_END()
