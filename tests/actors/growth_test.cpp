// The index grows with what changes: in memory, and with each compaction.

#include "tests/actors/requests.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

/// No compaction by itself, but growth in memory past a number of vectors.
database_options growing(std::uint64_t growth, std::uint64_t largest_segment = 2'000'000) {
  auto options = scheduled_options();
  options.auto_compaction = {1'000'000, 0, growth};
  options.largest_segment = largest_segment;
  return options;
}

void remove_all(deterministic& t, const collection_actor& words, int first, int end) {
  for (int number = first; number < end; ++number)
    must(t.call<removal>(words, remove_atom_v, remove_of(number)));
}

void check_all(deterministic& t, const collection_actor& words, int first, int end) {
  for (int number = first; number < end; ++number)
    BOOST_TEST(finds(t, words, number));
}

} // namespace

BOOST_AUTO_TEST_SUITE(growth)

BOOST_AUTO_TEST_CASE(a_collection_that_is_searched_grows_in_memory_and_the_file_stays_as_it_is) {
  deterministic t{growing(8)};
  const auto words = t.collection();
  put_all(t, words, 0, 7);
  BOOST_TEST(finds(t, words, 3));
  BOOST_TEST(stats_of(t, words).graph_vectors == 0u);
  BOOST_TEST(stats_of(t, words).scanned_vectors == 7u);
  put_all(t, words, 7, 8);
  BOOST_TEST(stats_of(t, words).graph_vectors == 8u);
  BOOST_TEST(stats_of(t, words).scanned_vectors == 0u);
  put_all(t, words, 8, 21);
  const auto stats = stats_of(t, words);
  BOOST_TEST(stats.graph_vectors == 16u);
  BOOST_TEST(stats.scanned_vectors == 5u);
  BOOST_TEST(stats.base_version == 0u);
  BOOST_TEST(stats.compactions == 0u);
  BOOST_TEST(stats.compaction == "idle");
  check_all(t, words, 0, 21);
}

BOOST_AUTO_TEST_CASE(who_does_not_search_does_not_grow) {
  deterministic t{growing(4)};
  const auto words = t.collection();
  put_all(t, words, 0, 20);
  BOOST_TEST(stats_of(t, words).graph_vectors == 0u);
  BOOST_TEST(stats_of(t, words).scanned_vectors == 0u);
  // All at once, after the first search.
  BOOST_TEST(finds(t, words, 3));
  BOOST_TEST(stats_of(t, words).graph_vectors == 20u);
}

BOOST_AUTO_TEST_CASE(a_compaction_publishes_what_grew_in_memory) {
  deterministic t{growing(8, 10'000)};
  const auto words = t.collection();
  put_all(t, words, 0, 30);
  BOOST_TEST(finds(t, words, 3));
  remove_all(t, words, 2, 5);
  put_all(t, words, 30, 33);
  const auto report = must(t.call<compaction_report>(words, compact_atom_v));
  BOOST_TEST(report.vectors == 30u);
  BOOST_TEST(report.rebuilt);
  // Three of its rows are dead, and the base keeps them.
  BOOST_TEST(stats_of(t, words).base_vectors == 33u);
  BOOST_TEST(stats_of(t, words).dead_rows == 3u);
  check_all(t, words, 5, 33);
  must(t.close());
  t.open();
  const auto again = t.collection();
  check_all(t, again, 5, 33);
  for (int number = 2; number < 5; ++number)
    BOOST_TEST(!finds(t, again, number));
  BOOST_TEST(stats_of(t, again).graph_vectors == 33u);
}

BOOST_AUTO_TEST_CASE(a_rebuild_leaves_nothing_dead_anywhere) {
  deterministic t{growing(8, 10'000)};
  const auto words = t.collection();
  put_all(t, words, 0, 40);
  BOOST_TEST(finds(t, words, 3));
  remove_all(t, words, 0, 6);
  must(t.call<compaction_report>(words, compact_atom_v));
  BOOST_TEST(stats_of(t, words).dead_rows == 6u);
  const auto report = must(t.call<compaction_report>(words, rebuild_atom_v));
  BOOST_TEST(report.vectors == 34u);
  const auto stats = stats_of(t, words);
  BOOST_TEST(stats.dead_rows == 0u);
  BOOST_TEST(stats.base_vectors == 34u);
  BOOST_TEST(stats.graph_vectors == 34u);
  BOOST_TEST(stats.base_version == 2u);
  check_all(t, words, 6, 40);
}

BOOST_AUTO_TEST_CASE(thirty_percent_dead_are_built_out_of_the_base) {
  deterministic t{growing(8, 10'000)};
  const auto words = t.collection();
  put_all(t, words, 0, 40);
  must(t.call<compaction_report>(words, compact_atom_v));
  remove_all(t, words, 0, 11);
  must(t.call<compaction_report>(words, compact_atom_v));
  BOOST_TEST(stats_of(t, words).base_vectors == 40u);
  remove_all(t, words, 11, 12);
  must(t.call<compaction_report>(words, compact_atom_v));
  BOOST_TEST(stats_of(t, words).base_vectors == 28u);
  BOOST_TEST(stats_of(t, words).dead_rows == 0u);
  check_all(t, words, 12, 40);
}

BOOST_AUTO_TEST_CASE(full_segments_are_written_once) {
  deterministic t{growing(0, 10)};
  const auto words = t.collection();
  put_all(t, words, 0, 25);
  must(t.call<compaction_report>(words, compact_atom_v));
  const auto before = stats_of(t, words);
  BOOST_TEST(before.base_vectors == 25u);
  put_all(t, words, 25, 27);
  must(t.call<compaction_report>(words, compact_atom_v));
  const auto after = stats_of(t, words);
  BOOST_TEST(after.base_vectors == 27u);
  BOOST_TEST(after.base_version == 2u);
  // The last one grew by two rows; the bytes of the first two are those that they were.
  BOOST_TEST(after.base_bytes > before.base_bytes);
  BOOST_TEST(after.base_bytes < before.base_bytes * 5 / 4);
  check_all(t, words, 0, 27);
  must(t.close());
  t.open();
  check_all(t, t.collection(), 0, 27);
}

BOOST_AUTO_TEST_CASE(a_collection_that_was_not_searched_grows_from_the_file) {
  deterministic t{growing(0, 10'000)};
  const auto words = t.collection();
  put_all(t, words, 0, 30);
  must(t.call<compaction_report>(words, compact_atom_v));
  remove_all(t, words, 0, 3);
  put_all(t, words, 30, 35);
  BOOST_TEST(must(t.call<compaction_report>(words, compact_atom_v)).vectors == 32u);
  BOOST_TEST(stats_of(t, words).graph_vectors == 0u);
  BOOST_TEST(stats_of(t, words).base_vectors == 35u);
  check_all(t, words, 3, 35);
  BOOST_TEST(!finds(t, words, 1));
}

BOOST_AUTO_TEST_CASE(a_compactor_that_died_while_the_index_grew_is_asked_again) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t{growing(8)};
      const auto words = t.collection();
      put_all(t, words, 0, 7);
      BOOST_TEST(finds(t, words, 3));
      const auto put = t.ask<position>(words, put_atom_v, put_of(7));
      t.run_shuffled(random, random() % 25);
      t.kill(t.crew()->compactor);
      t.restart_parts();
      must(t.answer(put));
      BOOST_TEST(stats_of(t, words).graph_vectors == 8u);
      check_all(t, words, 0, 8);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_little_has_changed_is_published_when_nothing_happens_for_some_seconds) {
  deterministic t{growing(0)};
  const auto words = t.collection();
  put_request many;
  for (int number = 0; number < 999; ++number)
    many.items.push_back(item_of(number));
  must(t.call<position>(words, put_atom_v, many));
  t.advance(10s);
  t.run();
  BOOST_TEST(stats_of(t, words).base_version == 0u);
  put_all(t, words, 999, 1'000);
  t.advance(4s);
  t.run();
  put_all(t, words, 1'000, 1'001);
  t.advance(2s);
  t.run();
  BOOST_TEST(stats_of(t, words).base_version == 0u);
  t.advance(5s);
  t.run();
  BOOST_TEST(stats_of(t, words).base_version == 1u);
  BOOST_TEST(stats_of(t, words).base_vectors == 1'001u);
}

BOOST_AUTO_TEST_CASE(a_compaction_while_graphs_are_being_read_builds_none_of_them_anew) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      auto options = scheduled_options();
      options.largest_segment = 1'000;
      deterministic t{options};
      {
        const auto words = t.collection();
        put_all(t, words, 0, 40);
        must(t.call<compaction_report>(words, compact_atom_v));
        must(t.call<removal>(words, remove_atom_v, remove_of(3)));
        put_all(t, words, 40, 42);
      }
      must(t.close());
      t.open();
      const auto words = t.collection();
      const auto search = t.ask<search_reply>(words, search_atom_v, search_of(1));
      t.run_shuffled(random, random() % 40);
      const auto compacted = t.ask<compaction_report>(words, compact_atom_v);
      t.run_shuffled(random);
      must(t.answer(search));
      BOOST_TEST(must(t.answer(compacted)).vectors == 41u);
      // What is built anew has no dead row.
      BOOST_TEST(stats_of(t, words).dead_rows == 1u);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
