#include "tests/actors/requests.hpp"

#include <functional>

using namespace lodge;
using namespace lodge::test;

namespace {

struct part {
  std::string name;
  std::function<void(deterministic&)> kill;
};

const std::vector<part>& parts() {
  static const std::vector<part> all{
    {"writer", [](auto& t) { t.kill(t.crew()->writer); }},
    {"log sync", [](auto& t) { t.kill(t.crew()->log_sync); }},
    {"compactor", [](auto& t) { t.kill(t.crew()->compactor); }},
    {"first searcher", [](auto& t) { t.kill(t.crew()->searchers.front()); }},
    {"second searcher", [](auto& t) { t.kill(t.crew()->searchers.back()); }},
    {"holder", [](auto& t) { t.kill(t.holder()); }},
  };
  return all;
}

/// Enough for any back-off that these tests cause, and for every deadline.
void heal(deterministic& t) {
  for (int i = 0; i < 8; ++i) {
    t.run();
    t.advance(2s);
    t.run();
  }
}

bool says_that_a_part_ended(errc code) { return code == errc::outcome_unknown || code == errc::unavailable; }

} // namespace

BOOST_AUTO_TEST_SUITE(restart)

BOOST_AUTO_TEST_CASE(a_handle_stays_good_when_any_part_behind_it_is_started_again) {
  for (const auto& which : parts())
    for (const bool is_loaded : {false, true}) {
      BOOST_TEST_CONTEXT(which.name << " killed, loaded: " << is_loaded) {
        deterministic t;
        const auto words = t.collection();
        put_all(t, words, 0, 5);
        if (is_loaded)
          BOOST_TEST(finds(t, words, 4));
        which.kill(t);
        t.restart_parts();
        put_all(t, words, 5, 10);
        for (int round = 0; round < 2; ++round)
          for (int number = 0; number < 10; ++number)
            BOOST_TEST(finds(t, words, number), "key " << number << " is not found");
        BOOST_TEST(must(t.call<std::uint64_t>(words, size_atom_v)) == 10u);
        BOOST_TEST(must(t.call<compaction_report>(words, compact_atom_v)).vectors == 10u);
        BOOST_TEST(code_of(t.call<collection_stats>(words, stats_atom_v)) == errc::none);
      }
    }
}

BOOST_AUTO_TEST_CASE(a_part_is_started_again_after_a_pause_that_doubles) {
  deterministic t;
  const auto words = t.collection();
  for (const auto pause : {50ms, 100ms, 200ms, 400ms}) {
    t.kill(t.crew()->writer);
    t.run();
    t.advance(pause - 1ms);
    t.run();
    BOOST_TEST(says_that_a_part_ended(code_of(t.call<position>(words, put_atom_v, put_of(1)))));
    t.advance(1ms);
    t.run();
    BOOST_TEST(code_of(t.call<position>(words, put_atom_v, put_of(1))) == errc::none);
  }
}

BOOST_AUTO_TEST_CASE(no_acknowledged_write_is_lost_when_any_part_is_killed_at_any_time) {
  for (const auto& which : parts())
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
      BOOST_TEST_CONTEXT(which.name << " killed, seed " << seed) {
        std::mt19937 random{seed};
        deterministic t;
        const auto words = t.collection();
        if (random() % 2 == 0)
          BOOST_TEST(code_of(t.call<search_reply>(words, search_atom_v, search_of(0))) == errc::none);
        std::vector<pending<position>> puts;
        std::vector<pending<search_reply>> searches;
        const auto killed_at = static_cast<int>(random() % 12);
        for (int number = 0; number < 12; ++number) {
          puts.push_back(t.ask<position>(words, put_atom_v, put_of(number)));
          if (number == killed_at)
            which.kill(t);
          if (random() % 3 == 0)
            searches.push_back(t.ask<search_reply>(words, search_atom_v, search_of(number)));
          t.run_shuffled(random, random() % 12);
        }
        t.run_shuffled(random);
        heal(t);
        for (int number = 0; number < 12; ++number) {
          const auto put = t.take(puts[static_cast<std::size_t>(number)]);
          BOOST_TEST(put.has_value(), "put " << number << " was never answered");
          if (put && *put)
            BOOST_TEST(finds(t, words, number), "key " << number << " is not found");
          else if (put)
            BOOST_TEST(says_that_a_part_ended(put->error().code), to_string(put->error()));
        }
        for (auto each : searches)
          BOOST_TEST(t.take(each).has_value(), "a search was never answered");
      }
    }
}

BOOST_AUTO_TEST_CASE(a_write_that_a_killed_writer_had_taken_is_answered) {
  deterministic t;
  const auto words = t.collection();
  const auto writer = t.crew()->writer;
  std::mt19937 random{1};
  const auto asked = t.ask<position>(words, put_atom_v, put_of(1));
  // COLLECTION hands it on, WRITER puts it to those that share the next commit.
  t.run_one(random);
  t.run_one(random);
  t.kill(writer);
  heal(t);
  const auto outcome = t.take(asked);
  BOOST_TEST(outcome.has_value());
  if (outcome)
    BOOST_TEST((outcome->has_value() || says_that_a_part_ended(outcome->error().code)));
}

BOOST_AUTO_TEST_CASE(a_search_that_waits_in_a_killed_holder_is_answered) {
  deterministic t;
  const auto words = t.collection();
  put_all(t, words, 0, 2);
  const auto holder = t.holder();
  std::mt19937 random{1};
  const auto asked = t.ask<search_reply>(words, search_atom_v, search_of(1));
  // COLLECTION hands it on, the holder begins to load.
  t.run_one(random);
  t.run_one(random);
  t.kill(holder);
  heal(t);
  BOOST_TEST(t.take(asked).has_value());
}

BOOST_AUTO_TEST_CASE(a_compaction_in_a_killed_compactor_is_answered) {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 5);
      const auto compactor = t.crew()->compactor;
      const auto first = t.ask<compaction_report>(words, compact_atom_v);
      t.run_shuffled(random, random() % 20);
      const auto second = t.ask<compaction_report>(words, compact_atom_v);
      t.run_shuffled(random, random() % 5);
      t.kill(compactor);
      heal(t);
      BOOST_TEST(t.take(first).has_value());
      BOOST_TEST(t.take(second).has_value());
      BOOST_TEST(must(t.call<compaction_report>(words, compact_atom_v)).vectors == 5u);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_automatic_compaction_happens_though_its_compactor_was_killed) {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      auto options = scheduled_options();
      options.auto_compaction = {10, 0};
      deterministic t{options};
      const auto words = t.collection();
      put_all(t, words, 0, 9);
      const auto compactor = t.crew()->compactor;
      const auto last = t.ask<position>(words, put_atom_v, put_of(9));
      t.run_shuffled(random, random() % 20);
      t.kill(compactor);
      heal(t);
      must(t.answer(last));
      put_all(t, words, 10, 20);
      heal(t);
      BOOST_TEST(stats_of(t, words).base_version >= 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_log_sync_killed_while_a_collection_is_loaded_loses_no_change) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 5);
      const auto log_sync = t.crew()->log_sync;
      const auto first = t.ask<search_reply>(words, search_atom_v, search_of(1));
      t.run_shuffled(random, random() % 12);
      t.kill(log_sync);
      t.run_shuffled(random, random() % 12);
      std::vector<pending<position>> puts;
      std::vector<pending<search_reply>> searches;
      for (int number = 5; number < 12; ++number) {
        puts.push_back(t.ask<position>(words, put_atom_v, put_of(number)));
        if (number == 8)
          t.advance(t.options.restart_delay);
        if (random() % 3 == 0)
          searches.push_back(t.ask<search_reply>(words, search_atom_v, search_of(number)));
        t.run_shuffled(random, random() % 12);
      }
      t.run_shuffled(random);
      heal(t);
      BOOST_TEST(t.take(first).has_value());
      for (auto each : puts)
        must(t.answer(each));
      for (auto each : searches)
        BOOST_TEST(t.take(each).has_value());
      for (int number = 0; number < 12; ++number) {
        const auto found = t.ask<search_reply>(words, search_atom_v, search_of(number));
        t.run();
        const auto reply = t.take(found);
        BOOST_TEST((reply && *reply && finds(**reply, number)), "key " << number << " is not found");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_new_log_sync_counts_each_change_since_the_base_once) {
  auto options = scheduled_options();
  options.auto_compaction = {10, 0};
  deterministic t{options};
  const auto words = t.collection();
  put_all(t, words, 0, 5);
  BOOST_TEST(finds(t, words, 1));
  t.kill(t.crew()->log_sync);
  t.run();
  put_all(t, words, 5, 9);
  t.restart_parts();
  BOOST_TEST(finds(t, words, 8));
  BOOST_TEST(stats_of(t, words).compactions == 0u);
  put_all(t, words, 9, 10);
  BOOST_TEST(stats_of(t, words).compactions == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
