#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(compaction)

// 10
BOOST_AUTO_TEST_CASE(a_hundred_thousand_pending_changes_are_compacted) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto wanted = shape(2);
  // The number of changes matters here, not the graph.
  wanted.m = 4;
  wanted.ef_construction = 8;
  auto stored = must(opened.collection("c", wanted));
  constexpr std::size_t count = 30'000;
  const auto vectors = clustered_vectors(count, 2, 10);
  for (int round = 0; round < 3; ++round)
    put_all(stored, vectors);
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < 10'000; ++i)
    keys.push_back(key_of(i));
  must(stored.remove(keys, std::chrono::seconds{60}));
  BOOST_TEST(must(stored.stats()).changes_since_base >= 100'000U);
  BOOST_TEST(must(stored.compact()).vectors == count - keys.size());
  const auto stats = must(stored.stats());
  BOOST_TEST(stats.changes_since_base == 0U);
  BOOST_TEST(stats.dead_rows == 0U);
  BOOST_TEST(found_first(stored, std::span{vectors}.subspan(10'000, 1'000), 10'000, nearest(1, true)) == 1'000U);
  BOOST_TEST(must(stored.search(vectors[0], nearest(100'000))).size() == count - keys.size());
}

// 23
BOOST_AUTO_TEST_CASE(single_writes_with_automatic_compactions_are_all_stored_and_indexed) {
  const scratch_directory directory;
  constexpr std::size_t count = 15'000;
  constexpr std::size_t writers = 8;
  const auto vectors = clustered_vectors(count, 8, 23);
  exact_model model{metric::l2};
  for (std::size_t i = 0; i < count; ++i)
    model.put(key_of(i), vectors[i]);
  {
    auto opened = open_file(directory.file(), {});
    auto stored = must(opened.collection("c", shape(8)));
    in_threads(writers, [&](std::size_t thread) -> std::string {
      for (std::size_t i = thread; i < count; i += writers)
        if (const auto put = collection{stored}.put(key_of(i), vectors[i]); !put)
          return to_string(put.error());
      return {};
    });
    check_against(model, stored, std::span{vectors}.first(50));
    BOOST_TEST(eventually([&] {
      const auto stats = must(stored.stats());
      return stats.compactions > 0 && stats.compaction == "idle" && stats.changes_since_base < stats.vectors / 5;
    }));
    const auto stats = must(stored.stats());
    BOOST_TEST(stats.items == count);
    BOOST_TEST(stats.vectors == count);
    BOOST_TEST(stats.compaction_error == "");
    BOOST_TEST(stats.graph_vectors + stats.scanned_vectors == count);
    BOOST_TEST(found_first(stored, std::span{vectors}.first(1'000), 0, nearest(1)) >= 999U);
  }
  auto opened = open_file(directory.file());
  check_against(model, must(opened.collection("c")), std::span{vectors}.first(50));
}

// 24
BOOST_AUTO_TEST_CASE(writes_elsewhere_during_a_compaction_are_in_effect_after_it) {
  const scratch_directory directory;
  auto compacting = open_file(directory.file());
  auto writing = open_file(directory.file());
  auto mine = must(compacting.collection("c", shape(16)));
  auto theirs = must(writing.collection("c"));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(6'000, 16, 24);
  put_all(mine, vectors, &model);
  must(mine.search(vectors[0]));
  position last;
  {
    std::jthread compaction{[&] { static_cast<void>(mine.compact()); }};
    BOOST_REQUIRE(eventually([&] { return must(mine.stats()).compaction.starts_with("building"); }));
    for (std::size_t i = 0; i < 100; ++i) {
      const auto& moved = vectors[i + 1'000];
      must(theirs.put(key_of(3 * i), moved));
      model.put(key_of(3 * i), moved);
      must(theirs.put("new " + std::to_string(i), vectors[i]));
      model.put("new " + std::to_string(i), vectors[i]);
      last = must(theirs.remove(key_of(3 * i + 1))).at;
      model.remove(key_of(3 * i + 1));
    }
    BOOST_TEST(must(mine.stats()).base_version == 0U, "the compaction was too fast for this test");
  }
  BOOST_TEST(must(mine.stats()).base_version == 1U);
  check_against(model, mine, std::span{vectors}.first(300), 10, since(last));
  check_against(model, theirs, std::span{vectors}.first(300), 10, since(last));
  auto fresh = open_file(directory.file());
  check_against(model, must(fresh.collection("c")), std::span{vectors}.first(300));
}

// 25
BOOST_AUTO_TEST_CASE(two_that_compact_one_collection_lose_nothing) {
  const scratch_directory directory;
  auto first = open_file(directory.file());
  auto second = open_file(directory.file());
  const std::vector<collection> handles{must(first.collection("c", shape(8))), must(second.collection("c"))};
  const auto vectors = clustered_vectors(1'000, 8, 25);
  exact_model model{metric::l2};
  for (std::size_t i = 0; i < vectors.size(); ++i)
    model.put(key_of(i), vectors[i]);
  in_threads(2, [&](std::size_t thread) -> std::string {
    auto stored = handles[thread];
    std::uint64_t covered = 0;
    for (std::size_t i = thread; i < vectors.size(); i += 2) {
      const auto put = stored.put(key_of(i), vectors[i]);
      if (!put)
        return to_string(put.error());
      if (i % 100 != thread)
        continue;
      // The other may win a swap; then its base does not cover ours, and ours is tried again.
      const auto report = stored.compact();
      if (!report && report.error().code != errc::conflict)
        return to_string(report.error());
      if (report && (report->covers.number < put->number || report->covers.number < covered))
        return "covers " + std::to_string(report->covers.number) + " after " + std::to_string(put->number);
      covered = report ? report->covers.number : covered;
    }
    return {};
  });
  for (auto stored : handles) {
    const auto at = must(stored.compact()).covers;
    check_against(model, stored, std::span{vectors}.first(100), 10, since(at));
  }
}

// 26
BOOST_AUTO_TEST_CASE(a_compaction_covers_items_that_its_process_never_loaded) {
  const scratch_directory directory;
  auto writing = open_file(directory.file());
  auto compacting = open_file(directory.file());
  auto mine = must(writing.collection("c", shape(8)));
  auto theirs = must(compacting.collection("c"));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(2'500, 8, 26);
  const auto last = put_all(mine, vectors, &model);
  const auto report = must(theirs.compact());
  BOOST_TEST(report.vectors == vectors.size());
  BOOST_TEST(report.covers.number >= last.number);
  BOOST_TEST(must(theirs.stats()).view_number == 0U);
  auto fresh = open_file(directory.file());
  auto stored = must(fresh.collection("c"));
  check_against(model, stored, std::span{vectors}.first(100));
  BOOST_TEST(eventually([&] { return must(stored.stats()).graph_vectors == vectors.size(); }));
  BOOST_TEST(found_first(stored, vectors, 0, nearest(1)) >= vectors.size() * 999 / 1'000);
}

// 27
BOOST_AUTO_TEST_CASE(compactions_asked_for_during_one_cover_every_write_before_them) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  const auto stored = must(opened.collection("c", shape(8)));
  const auto vectors = clustered_vectors(3'000, 8, 27);
  put_all(stored, vectors);
  in_threads(6, [&](std::size_t thread) -> std::string {
    auto mine = stored;
    for (int round = 0; round < 3; ++round) {
      const auto put = mine.put("thread " + std::to_string(thread), vectors[thread]);
      if (!put)
        return to_string(put.error());
      const auto report = mine.compact();
      if (!report)
        return to_string(report.error());
      if (report->covers.number < put->number)
        return "covers " + std::to_string(report->covers.number) + ", asked for " + std::to_string(put->number);
    }
    return {};
  });
  BOOST_TEST(must(stored.stats()).changes_since_base == 0U);
}

// 28
BOOST_AUTO_TEST_CASE(closing_during_a_compaction_loses_nothing) {
  const scratch_directory directory;
  const auto vectors = clustered_vectors(20'000, 16, 28);
  for (int round = 0; round < 2; ++round) {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(16)));
    put_all(stored, std::span{vectors}.first(10'000), nullptr, static_cast<std::size_t>(round) * 10'000);
    must(stored.search(vectors[0]));
    errc outcome = errc::none;
    std::jthread compaction{[&] { outcome = code_of(collection{stored}.compact()); }};
    BOOST_REQUIRE(eventually([&] { return must(stored.stats()).compaction.starts_with("building"); }));
    must_do(opened.close());
    compaction.join();
    BOOST_TEST(outcome == errc::closed);
    BOOST_TEST(code_of(stored.search(vectors[0])) == errc::closed);
    BOOST_TEST(code_of(stored.put("late", vectors[0])) == errc::closed);
  }
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c"));
  BOOST_TEST(must(stored.size()) == 20'000U);
  BOOST_TEST(must(stored.search(vectors[5], nearest(2, true))).at(1).score == 0);
  BOOST_TEST(must(stored.compact()).vectors == 20'000U);
  must_do(opened.close());
  raw_file raw{directory.file()};
  BOOST_TEST(raw.number("SELECT count(DISTINCT segment) FROM chunks") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
