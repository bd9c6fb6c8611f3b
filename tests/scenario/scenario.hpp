#pragma once

#include "tests/support/exact_model.hpp"
#include "tests/support/files.hpp"
#include "tests/support/vectors.hpp"

#include <lodge/database.hpp>

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

/// What the scenarios share: they use the blocking facade with real threads and real files.
namespace lodge::test {

/// Whether a condition comes true before a deadline that no working program misses.
inline bool eventually(const std::function<bool()>& condition, std::chrono::seconds within = std::chrono::seconds{30}) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

/// Options under which only `compact()` compacts.
inline database_options only_on_request() {
  database_options options;
  options.auto_compaction.changes = 0;
  return options;
}

inline collection_options shape(std::uint32_t dimension, lodge::metric metric = metric::l2) {
  collection_options options;
  options.dimension = dimension;
  options.metric = metric;
  return options;
}

inline search_options nearest(std::int64_t k, bool exact = false) {
  search_options options;
  options.k = k;
  options.exact = exact;
  return options;
}

inline search_options since(position at, search_options options = {}) {
  options.at_least = at;
  return options;
}

inline database open_file(const std::string& path, const database_options& options = only_on_request()) {
  return must(database::open(path, options));
}

using queries = std::vector<std::vector<float>>;

/// A point on a line: its distances need no thought.
inline std::vector<float> point(float x) { return {x, 0, 0, 0}; }

inline std::string key_of(std::size_t number) { return "key " + std::to_string(number); }

/// Puts vectors under `key_of(first)` and so on, in batches, and tells a model.
inline position put_all(collection into, std::span<const std::vector<float>> vectors, exact_model* model = nullptr,
                        std::size_t first = 0, std::size_t batch = 5'000) {
  position last;
  for (std::size_t i = 0; i < vectors.size();) {
    std::vector<item> items;
    for (; i < vectors.size() && items.size() < batch; ++i) {
      items.push_back({key_of(first + i), vectors[i], {}});
      if (model != nullptr)
        model->put(items.back().key, vectors[i]);
    }
    last = must(into.put(std::move(items), std::chrono::seconds{60}));
  }
  return last;
}

/// Checks exact answers, and what is stored, against the model.
inline void check_against(const exact_model& model, const collection& stored, std::span<const std::vector<float>> asked,
                          std::int64_t k = 10, search_options options = {}) {
  options.k = k;
  options.exact = true;
  for (const auto& query : asked)
    BOOST_TEST(model.mismatch(query, static_cast<std::size_t>(k), must(stored.search(query, options))) == "");
  BOOST_TEST(must(stored.size()) == model.entries().size());
  auto expected = model.entries().begin();
  std::string after;
  for (bool more = true; more;) {
    const auto page = must(stored.scan(after, 10'000));
    for (const auto& record : page.records) {
      BOOST_REQUIRE(expected != model.entries().end());
      BOOST_REQUIRE_EQUAL(record.key, expected->first);
      BOOST_REQUIRE((record.vector == expected->second.vector));
      BOOST_REQUIRE_EQUAL(record.metadata, expected->second.metadata);
      ++expected;
      after = record.key;
    }
    more = page.more;
  }
  BOOST_TEST((expected == model.entries().end()));
}

/// How many of the vectors are the first hit, at distance 0, of a query that is themselves ("found").
inline std::size_t found_first(const collection& stored, std::span<const std::vector<float>> vectors, std::size_t first,
                               const search_options& options) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const auto hits = must(stored.search(vectors[i], options));
    if (!hits.empty() && hits.front().key == key_of(first + i) && hits.front().score == 0)
      ++found;
  }
  return found;
}

/// Runs the work on so many threads; each says what went wrong, or nothing. Checks are not for threads.
inline void in_threads(std::size_t count, const std::function<std::string(std::size_t)>& work) {
  std::vector<std::string> wrong(count);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < count; ++i)
      threads.emplace_back([&, i] { wrong[i] = work(i); });
  }
  for (const auto& what : wrong)
    BOOST_TEST(what == "");
}

} // namespace lodge::test
