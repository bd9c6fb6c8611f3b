#include "tests/scenario/scenario.hpp"

#include <algorithm>
#include <map>

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::size_t self_queries = 1'000;
constexpr std::size_t k = 10;

/// Real word vectors of length 1, and the true neighbours of queries that are not among them.
struct words {
  std::vector<std::string> keys = read_words("words-10k.txt");
  std::vector<std::vector<float>> vectors = read_vecs<float>("words-10k.fvecs");
  std::vector<std::vector<float>> queries = read_vecs<float>("words-queries.fvecs");
  std::vector<std::vector<std::int32_t>> truth = read_vecs<std::int32_t>("words-groundtruth.ivecs");

  void put_into(collection stored) const {
    std::vector<item> items;
    for (std::size_t i = 0; i < keys.size(); ++i)
      items.push_back({keys[i], vectors[i], {}});
    must(stored.put(std::move(items), std::chrono::seconds{60}));
  }

  double recall(const collection& stored, const search_options& options) const {
    std::size_t right = 0;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const auto found = must(stored.search(queries[i], options));
      BOOST_REQUIRE_EQUAL(found.size(), k);
      for (const auto& hit : found)
        right += std::any_of(truth[i].begin(), truth[i].begin() + k,
                             [&](auto row) { return keys[static_cast<std::size_t>(row)] == hit.key; });
    }
    return static_cast<double>(right) / static_cast<double>(queries.size() * k);
  }

  std::size_t found_themselves(const collection& stored, const search_options& options) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < self_queries; ++i) {
      const auto row = i * keys.size() / self_queries;
      const auto hits = must(stored.search(vectors[row], options));
      found += !hits.empty() && hits.front().key == keys[row] && std::abs(hits.front().score - 1) < 1e-5;
    }
    return found;
  }
};

void check_answers(const words& all, const collection& stored) {
  BOOST_TEST(all.recall(stored, nearest(k, true)) >= 0.999);
  BOOST_TEST(all.recall(stored, nearest(k)) >= 0.95);
  BOOST_TEST(all.found_themselves(stored, nearest(1, true)) == self_queries);
  BOOST_TEST(all.found_themselves(stored, nearest(1)) >= self_queries * 999 / 1'000);
}

} // namespace

BOOST_AUTO_TEST_SUITE(real_words)

BOOST_AUTO_TEST_CASE(words_are_found_with_their_neighbours_before_and_after_compaction_and_reopening) {
  const words all;
  const scratch_directory directory;
  std::map<std::string, float> before;
  {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("words", shape(100, metric::cosine)));
    all.put_into(stored);
    BOOST_TEST(all.recall(stored, nearest(k)) >= 0.999);
    const auto report = must(stored.compact());
    BOOST_TEST(report.vectors == all.keys.size());
    check_answers(all, stored);
    const auto stats = must(stored.stats());
    BOOST_TEST(stats.graph_vectors == all.keys.size());
    BOOST_TEST(stats.scanned_vectors == 0U);
    for (const auto& hit : must(stored.search(all.queries[0])))
      before[hit.key] = hit.score;
    must_do(opened.close());
  }
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("words"));
  // At first by scan, until the graph is there; right at any time.
  BOOST_TEST(all.recall(stored, nearest(k)) >= 0.95);
  BOOST_TEST(eventually([&] { return must(stored.stats()).graph_vectors == all.keys.size(); }));
  check_answers(all, stored);
  std::map<std::string, float> after;
  for (const auto& hit : must(stored.search(all.queries[0])))
    after[hit.key] = hit.score;
  BOOST_TEST((before == after));
  // Vectors are given back bit for bit.
  for (std::size_t i = 0; i < all.keys.size(); i += 500)
    BOOST_TEST((must(stored.get(all.keys[i])).vector == all.vectors[i]));
}

BOOST_AUTO_TEST_CASE(half_of_the_words_removed_and_put_again_leave_recall_as_it_was) {
  const words all;
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("words", shape(100, metric::cosine)));
  all.put_into(stored);
  must(stored.compact());
  std::vector<std::string> even;
  std::vector<item> again;
  for (std::size_t i = 0; i < all.keys.size(); i += 2) {
    even.push_back(all.keys[i]);
    again.push_back({all.keys[i], all.vectors[i], {}});
  }
  BOOST_TEST(must(stored.remove(even, std::chrono::seconds{60})).removed == even.size());
  for (const auto& query : all.queries)
    BOOST_REQUIRE_EQUAL(must(stored.search(query)).size(), k);
  must(stored.put(again, std::chrono::seconds{60}));
  check_answers(all, stored);
  must(stored.compact());
  check_answers(all, stored);
}

BOOST_AUTO_TEST_SUITE_END()
