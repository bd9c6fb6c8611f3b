#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"

#include <atomic>
#include <latch>
#include <mutex>
#include <thread>

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(concurrency)

BOOST_AUTO_TEST_CASE(eight_threads_that_put_search_and_remove_during_compactions_agree_with_a_model) {
  const scratch_directory directory;
  constexpr std::size_t threads = 8;
  constexpr std::size_t rounds = 1'200;
  const auto vectors = clustered_vectors(threads * rounds, 8, 80);
  std::vector<exact_model> models(threads, exact_model{metric::l2});
  exact_model whole{metric::l2};
  {
    auto opened = open_file(directory.file(), {});
    const auto stored = must(opened.collection("c", shape(8)));
    in_threads(threads, [&](std::size_t thread) -> std::string {
      auto mine = stored;
      auto& model = models[thread];
      std::mt19937 random{static_cast<std::uint32_t>(thread)};
      for (std::size_t i = 0; i < rounds; ++i) {
        // Every thread has keys of its own, so that it knows what each must be.
        const auto key = "thread " + std::to_string(thread) + ", " + std::to_string(random() % 300);
        const auto& vector = vectors[thread * rounds + i];
        if (random() % 4 == 0) {
          const auto removed = mine.remove(key);
          if (!removed)
            return to_string(removed.error());
          if ((removed->removed == 1) != model.remove(key))
            return key + " was not there, or was";
        } else {
          if (const auto put = mine.put(key, vector); !put)
            return to_string(put.error());
          model.put(key, vector);
        }
        const auto hits = mine.search(vector, nearest(3, true));
        if (!hits)
          return to_string(hits.error());
        const bool first = !hits->empty() && hits->front().key == key && hits->front().score == 0;
        if (first != model.entries().contains(key))
          return key + (first ? " came back" : " was not found");
        if (thread == 0 && i % 200 == 100)
          if (const auto compacted = mine.compact(); !compacted)
            return to_string(compacted.error());
      }
      return {};
    });
    for (const auto& model : models)
      for (const auto& [key, entry] : model.entries())
        whole.put(key, entry.vector);
    check_against(whole, stored, std::span{vectors}.first(100), 20);
    must_do(opened.close());
  }
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c"));
  check_against(whole, stored, std::span{vectors}.first(100), 20);
  must(stored.compact());
  check_against(whole, stored, std::span{vectors}.first(100), 20);
}

// 42
BOOST_AUTO_TEST_CASE(a_bad_write_among_sixty_four_that_share_a_transaction_fails_alone) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  const auto stored = must(opened.collection("c", shape(4)));
  must(collection{stored}.put("taken", point(-1)));
  constexpr std::size_t clients = 64;
  std::vector<errc> outcomes(clients, errc::internal);
  {
    // While a stranger holds the write lock, the writes gather.
    raw_file stranger{directory.file()};
    stranger.run("BEGIN IMMEDIATE");
    std::latch all_started{clients};
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < clients; ++i)
      threads.emplace_back([&, i] {
        auto mine = stored;
        all_started.count_down();
        const auto place = point(static_cast<float>(i));
        const std::vector<item> with_a_bad_one{{key_of(i), place, {}}, {"bad", std::vector<float>{1, 2}, {}}};
        if (i == 7)
          outcomes[i] = code_of(mine.put_if({"taken", place, {}}, {}));
        else if (i == 8)
          outcomes[i] = code_of(mine.update_metadata("nothing", "{}"));
        else if (i == 9)
          outcomes[i] = code_of(mine.put(with_a_bad_one));
        else
          outcomes[i] = code_of(mine.put(key_of(i), place));
      });
    all_started.wait();
    stranger.run("COMMIT");
  }
  for (std::size_t i = 0; i < clients; ++i)
    BOOST_TEST(outcomes[i]
               == (i == 7     ? errc::conflict
                     : i == 8 ? errc::key_not_found
                     : i == 9 ? errc::dimension_mismatch
                              : errc::none));
  BOOST_TEST(must(stored.size()) == clients - 3 + 1);
  for (std::size_t i = 0; i < clients; ++i)
    BOOST_TEST(must(stored.contains(key_of(i))) == (i < 7 || i > 9));
  BOOST_TEST((must(stored.get("taken")).vector == point(-1)));
}

BOOST_AUTO_TEST_CASE(one_of_many_wins_a_conditional_put) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  must(stored.put("counter", point(0), "0"));
  std::atomic<int> conflicts = 0;
  in_threads(8, [&](std::size_t) -> std::string {
    auto mine = stored;
    for (int added = 0; added < 25;) {
      const auto seen = mine.get("counter");
      if (!seen)
        return to_string(seen.error());
      const auto next = std::to_string(std::stoi(seen->metadata) + 1);
      const auto put = mine.put_if({"counter", point(0), next}, seen->version);
      if (put)
        ++added;
      else if (put.error().code == errc::conflict)
        ++conflicts;
      else
        return to_string(put.error());
    }
    return {};
  });
  BOOST_TEST(must(stored.get("counter")).metadata == "200");
  BOOST_TEST_MESSAGE(conflicts << " conflicts");
}

// 45
BOOST_AUTO_TEST_CASE(a_deadline_that_passes_gives_a_definite_word) {
  using std::chrono::milliseconds;
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  must(stored.put("a", point(1)));
  const item late{"late", point(2), {}};
  std::atomic<bool> second_ended = false;
  errc first = errc::none;
  errc second = errc::none;
  {
    raw_file stranger{directory.file()};
    stranger.run("BEGIN IMMEDIATE");
    std::jthread one{[&] { first = code_of(collection{stored}.put(late, milliseconds{100})); }};
    std::jthread two{[&] {
      second = code_of(collection{stored}.put({"later", point(3), {}}, milliseconds{200}));
      second_ended = true;
    }};
    // Searches and reads go on meanwhile.
    do
      BOOST_TEST(must(stored.search(point(1), nearest(1))).at(0).key == "a");
    while (!second_ended && must(stored.size()) == 1U);
    BOOST_TEST(must(stored.size()) == 1U);
    one.join();
    stranger.run("ROLLBACK");
  }
  // One was perhaps under way; of the others it is known that they were not done.
  for (const auto code : {first, second})
    BOOST_TEST((code == errc::outcome_unknown || code == errc::deadline_exceeded || code == errc::busy), code);
  must(stored.put(late));
  BOOST_TEST(must(stored.contains("late")));
  if (second == errc::deadline_exceeded || second == errc::busy)
    BOOST_TEST(!must(stored.contains("later")));
  BOOST_TEST(must(stored.search(point(2), nearest(1))).at(0).key == "late");
}

BOOST_AUTO_TEST_CASE(calls_with_no_time_at_all_are_answered_and_not_done) {
  using std::chrono::milliseconds;
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  const auto before = must(stored.put("a", point(1)));
  for (const milliseconds none : {milliseconds{0}, milliseconds{-1}}) {
    BOOST_TEST(code_of(stored.put(item{"b", point(2), {}}, none)) == errc::deadline_exceeded);
    BOOST_TEST(code_of(stored.remove("a", none)) == errc::deadline_exceeded);
  }
  must(stored.put("c", point(3)));
  BOOST_TEST(must(stored.size()) == 2U);
  BOOST_TEST(!must(stored.contains("b")));
  BOOST_TEST(must(stored.stats()).last_number == before.number + 1);
}

BOOST_AUTO_TEST_CASE(more_than_may_wait_is_refused_and_nothing_of_it_is_done) {
  const scratch_directory directory;
  auto options = only_on_request();
  options.max_waiting_bytes = 1'000'000;
  auto opened = open_file(directory.file(), options);
  auto stored = must(opened.collection("c", shape(1'000)));
  std::vector<item> items;
  for (std::size_t i = 0; i < 200; ++i)
    items.push_back({key_of(i), std::vector<float>(1'000, 1.0F), {}});
  const auto refused = stored.put(items);
  BOOST_REQUIRE_EQUAL(code_of(refused), errc::too_large);
  BOOST_TEST(refused.error().detail.find("500000") != std::string::npos);
  BOOST_TEST(must(stored.size()) == 0U);
  items.resize(100);
  must(stored.put(items));
  BOOST_TEST(must(stored.size()) == 100U);
}

BOOST_AUTO_TEST_CASE(puts_and_stats_are_answered_while_all_searchers_are_busy) {
  constexpr std::size_t searchers = 4;
  const scratch_directory directory;
  auto options = only_on_request();
  options.searchers = searchers;
  auto opened = open_file(directory.file(), options);
  auto stored = must(opened.collection("c", shape(64)));
  const auto vectors = clustered_vectors(4'000, 64, 90);
  put_all(stored, vectors);
  must(stored.search(vectors[0]));
  // Some 2,000 scans of all, which no put may wait for.
  const std::vector<std::vector<float>> queries(2'000, vectors[1]);
  std::latch begun{searchers + 1};
  std::atomic<int> answered = 0;
  in_threads(searchers + 1, [&](std::size_t thread) -> std::string {
    auto mine = stored;
    begun.arrive_and_wait();
    if (thread < searchers) {
      const auto found = mine.search(queries, {.k = 1, .exact = true, .timeout = std::chrono::minutes{5}});
      ++answered;
      return found ? "" : to_string(found.error());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    for (int i = 0; i < 5; ++i)
      if (const auto put = mine.put("new " + std::to_string(i), vectors[2]); !put)
        return to_string(put.error());
    return answered == 0 ? "" : "a search was answered first";
  });
}

BOOST_AUTO_TEST_CASE(closing_while_threads_write_keeps_what_was_acknowledged) {
  const scratch_directory directory;
  std::mutex guard;
  std::vector<std::string> acknowledged;
  {
    auto opened = open_file(directory.file());
    const auto stored = must(opened.collection("c", shape(4)));
    in_threads(5, [&](std::size_t thread) -> std::string {
      if (thread == 4) {
        const auto many = eventually([&] {
          const std::lock_guard lock{guard};
          return acknowledged.size() >= 200;
        });
        const auto closed = opened.close();
        return !many ? "no writes" : closed ? "" : to_string(closed.error());
      }
      auto mine = stored;
      for (std::size_t i = 0;; ++i) {
        const auto key = "thread " + std::to_string(thread) + ", " + std::to_string(i);
        const auto put = mine.put(key, point(static_cast<float>(i)));
        if (!put)
          return put.error().code == errc::closed || put.error().code == errc::outcome_unknown ? ""
                                                                                               : to_string(put.error());
        const std::lock_guard lock{guard};
        acknowledged.push_back(key);
      }
    });
  }
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c"));
  for (const auto& key : acknowledged)
    BOOST_TEST(must(stored.contains(key)), key);
  BOOST_TEST(must(stored.size()) <= acknowledged.size() + 4);
}

BOOST_AUTO_TEST_SUITE_END()
