#include "tests/actors/requests.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

database_options compacting(std::uint64_t changes, std::uint64_t percent) {
  auto options = scheduled_options();
  options.auto_compaction = {changes, percent};
  return options;
}

/// The keys of the ten nearest to the vector of a number.
std::vector<std::string> keys_near(deterministic& t, const collection_actor& words, int number) {
  std::vector<std::string> keys;
  for (const auto& each : found(t, words, search_of(number, 100)))
    keys.push_back(each.key);
  return keys;
}

/// What `changes_between_...` leaves behind.
void check_changes(deterministic& t, const collection_actor& words) {
  auto seen = keys_near(t, words, 0);
  std::ranges::sort(seen);
  std::vector<std::string> expected;
  for (const auto number : {0, 1, 10, 11, 12, 3, 4, 5, 6, 7, 9})
    expected.push_back(key_of(number));
  BOOST_TEST(seen == expected, boost::test_tools::per_element());
  for (const auto& [place, number] : {std::pair{70, 7}, std::pair{60, 1}}) {
    const auto near = found(t, words, search_of(place));
    BOOST_TEST(near.front().score == 0);
    BOOST_TEST(near.front().key == key_of(number));
  }
  // The old places are empty: both that moved, and both that were removed.
  for (const auto number : {7, 1, 8, 2})
    BOOST_TEST(!finds(t, words, number));
}

} // namespace

BOOST_AUTO_TEST_SUITE(compaction)

BOOST_AUTO_TEST_CASE(a_collection_is_compacted_when_its_changes_reach_the_threshold) {
  deterministic t{compacting(10, 0)};
  const auto words = t.collection();
  put_all(t, words, 0, 9);
  BOOST_TEST(stats_of(t, words).compactions == 0u);
  put_all(t, words, 9, 10);
  BOOST_TEST(stats_of(t, words).compactions == 1u);
  BOOST_TEST(stats_of(t, words).base_vectors == 10u);
  must(t.call<removal>(words, remove_atom_v, remove_of(0)));
  put_all(t, words, 1, 9);
  BOOST_TEST(stats_of(t, words).compactions == 1u);
  must(t.call<removal>(words, remove_atom_v, remove_of(1)));
  BOOST_TEST(stats_of(t, words).compactions == 2u);
  BOOST_TEST(stats_of(t, words).base_vectors == 8u);
}

BOOST_AUTO_TEST_CASE(a_large_base_is_compacted_when_its_percentage_has_changed) {
  deterministic t{compacting(5, 50)};
  const auto words = t.collection();
  put_request many;
  for (int i = 0; i < 40; ++i)
    many.items.push_back(item_of(i));
  must(t.call<position>(words, put_atom_v, many));
  BOOST_TEST(stats_of(t, words).compactions == 1u);
  put_all(t, words, 0, 19);
  BOOST_TEST(stats_of(t, words).compactions == 1u);
  put_all(t, words, 19, 20);
  BOOST_TEST(stats_of(t, words).compactions == 2u);
}

BOOST_AUTO_TEST_CASE(a_collection_that_is_searched_is_compacted_at_the_threshold_too) {
  deterministic t{compacting(10, 0)};
  const auto words = t.collection();
  for (int i = 0; i < 25; ++i) {
    put_all(t, words, i, i + 1);
    BOOST_TEST(finds(t, words, i));
    BOOST_TEST(stats_of(t, words).compactions == static_cast<std::uint64_t>((i + 1) / 10));
  }
}

BOOST_AUTO_TEST_CASE(changes_between_a_compactions_snapshot_and_its_swap_are_in_effect_after_it) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 6);
      must(t.call<compaction_report>(words, compact_atom_v));
      put_all(t, words, 6, 12);
      if (random() % 4 != 0)
        BOOST_TEST(finds(t, words, 7));
      const auto compacted = t.ask<compaction_report>(words, compact_atom_v);
      t.run_shuffled(random, random() % 30);
      // A pending key moved, one inserted, one removed; the same for the base's.
      std::vector<pending<position>> puts;
      std::vector<pending<removal>> removals;
      puts.push_back(t.ask<position>(words, put_atom_v, put_of({key_of(7), vector_of(70), {}})));
      t.run_shuffled(random, random() % 10);
      puts.push_back(t.ask<position>(words, put_atom_v, put_of(12)));
      removals.push_back(t.ask<removal>(words, remove_atom_v, remove_of(8)));
      t.run_shuffled(random, random() % 10);
      puts.push_back(t.ask<position>(words, put_atom_v, put_of({key_of(1), vector_of(60), {}})));
      removals.push_back(t.ask<removal>(words, remove_atom_v, remove_of(2)));
      t.run_shuffled(random);
      must(t.answer(compacted));
      for (auto each : puts)
        must(t.answer(each));
      for (auto each : removals)
        BOOST_TEST(must(t.answer(each)).removed == 1u);
      check_changes(t, words);
      must(t.call<compaction_report>(words, compact_atom_v));
      check_changes(t, words);
      must(t.close());
      t.open();
      check_changes(t, t.collection());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_collection_that_is_loaded_during_a_compaction_shows_nothing_that_died_meanwhile) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 3);
      if (random() % 2 == 0)
        must(t.call<compaction_report>(words, compact_atom_v));
      put_all(t, words, 3, 6);
      const auto compacted = t.ask<compaction_report>(words, compact_atom_v);
      t.run_shuffled(random, random() % 25);
      const auto moved = t.ask<position>(words, put_atom_v, put_of({key_of(4), vector_of(60), {}}));
      const auto removed = t.ask<removal>(words, remove_atom_v, remove_of(5));
      t.run_shuffled(random, random() % 10);
      // The first search: it loads.
      const auto searched = t.ask<search_reply>(words, search_atom_v, search_of(0));
      t.run_shuffled(random);
      must(t.answer(compacted));
      must(t.answer(moved));
      must(t.answer(removed));
      must(t.answer(searched));
      auto seen = keys_near(t, words, 0);
      std::ranges::sort(seen);
      const std::vector<std::string> expected{key_of(0), key_of(1), key_of(2), key_of(3), key_of(4)};
      BOOST_TEST(seen == expected, boost::test_tools::per_element());
      BOOST_TEST(!finds(t, words, 4));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_was_compacted_in_any_schedule_is_read_whole_after_reopening) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t{compacting(5, 0)};
      {
        const auto words = t.collection();
        std::vector<pending<position>> puts;
        for (int i = 0; i < 40; ++i) {
          puts.push_back(t.ask<position>(words, put_atom_v, put_of(static_cast<int>(random() % 15))));
          t.run_shuffled(random, random() % 12);
        }
        t.run_shuffled(random);
        for (auto each : puts)
          must(t.answer(each));
        must(t.close());
      }
      t.open();
      const auto words = t.collection();
      auto seen = keys_near(t, words, 0);
      const auto count = must(t.call<std::uint64_t>(words, size_atom_v));
      std::ranges::sort(seen);
      BOOST_TEST(seen.size() == count);
      BOOST_TEST((std::ranges::adjacent_find(seen) == seen.end()));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_compaction_asked_for_during_another_covers_every_write_before_it) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 5);
      const auto first = t.ask<compaction_report>(words, compact_atom_v);
      t.run_shuffled(random, random() % 30);
      const auto put = t.ask<position>(words, put_atom_v, put_of(5));
      std::optional<lodge::result<position>> at;
      for (; !(at = t.take(put)); t.run_one(random))
        continue;
      const auto second = t.ask<compaction_report>(words, compact_atom_v);
      t.run_shuffled(random);
      BOOST_TEST(must(t.answer(first)).vectors >= 5u);
      const auto report = must(t.answer(second));
      BOOST_TEST(report.covers.number >= must(*at).number);
      BOOST_TEST(report.vectors == 6u);
      BOOST_TEST(stats_of(t, words).base_covers >= must(*at).number);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_drop_during_a_compaction_answers_all_who_wait_for_it) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 5);
      const auto first = t.ask<compaction_report>(words, compact_atom_v);
      t.run_shuffled(random, random() % 20);
      const auto second = t.ask<compaction_report>(words, compact_atom_v);
      t.run_shuffled(random, random() % 5);
      const auto dropped = t.ask<position>(t.database, drop_atom_v, std::string{"words"});
      t.run_shuffled(random);
      must(t.answer(dropped));
      for (auto each : {first, second})
        check_answer(t, each, {errc::collection_dropped});
      BOOST_TEST(code_of(t.call<position>(words, put_atom_v, put_of(1))) == errc::collection_dropped);
      BOOST_TEST(code_of(t.call<search_reply>(words, search_atom_v, search_of(1))) == errc::collection_dropped);
      const auto anew = t.collection("words", {2, metric::cosine, {}, {}});
      BOOST_TEST(must(t.call<std::uint64_t>(anew, size_atom_v)) == 0u);
      BOOST_TEST(code_of(t.call<compaction_report>(anew, compact_atom_v)) == errc::none);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_search_under_way_when_its_collection_is_dropped_is_answered) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 5);
      const auto early = t.ask<search_reply>(words, search_atom_v, search_of(1));
      t.run_shuffled(random, random() % 8);
      const auto dropped = t.ask<position>(t.database, drop_atom_v, std::string{"words"});
      const auto late = t.ask<search_reply>(words, search_atom_v, search_of(1));
      t.run_shuffled(random);
      must(t.answer(dropped));
      // One that meets the ended holder hears "try again", and then of the drop.
      for (auto each : {early, late})
        check_answer(t, each, {errc::collection_dropped, errc::unavailable});
      BOOST_TEST(code_of(t.call<search_reply>(words, search_atom_v, search_of(1))) == errc::collection_dropped);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
