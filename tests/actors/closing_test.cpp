#include "storage/reader.hpp"
#include "storage/snapshot.hpp"
#include "tests/actors/requests.hpp"

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(closing)

BOOST_AUTO_TEST_CASE(writes_accepted_before_the_close_are_answered_and_in_the_file) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      std::vector<int> acknowledged;
      std::vector<int> refused;
      {
        const auto words = t.collection();
        std::vector<pending<position>> puts;
        for (int i = 0; i < 20; ++i) {
          puts.push_back(t.ask<position>(words, put_atom_v, put_of(i)));
          t.run_shuffled(random, random() % 3);
        }
        const auto closed = t.ask<position>(t.database, close_atom_v);
        t.run_shuffled(random);
        std::uint64_t last = 0;
        for (int i = 0; i < 20; ++i) {
          const auto outcome = t.take(puts[static_cast<std::size_t>(i)]);
          BOOST_TEST(outcome.has_value(), "put " << i << " was never answered");
          if (!outcome)
            continue;
          if (*outcome) {
            acknowledged.push_back(i);
            last = std::max(last, (*outcome)->number);
          } else {
            refused.push_back(i);
            BOOST_TEST(code_of(*outcome) == errc::closed, to_string(outcome->error()));
          }
        }
        BOOST_TEST(must(t.answer(closed)).number >= last);
      }
      t.open();
      const auto words = t.collection();
      for (const auto number : acknowledged)
        BOOST_TEST(finds(t, words, number));
      for (const auto number : refused)
        BOOST_TEST(!must(t.call<bool>(words, contains_atom_v, get_request{key_of(number), {}})));
    }
  }
}

BOOST_AUTO_TEST_CASE(calls_of_the_database_that_meet_a_close_are_answered_and_the_close_too) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      std::vector<pending<collection_actor>> opened;
      const auto ask_some = [&] {
        for (const auto* name : {"words", "others", "words"}) {
          opened.push_back(t.ask<collection_actor>(t.database, open_atom_v, open_request{name, {4, {}, {}, {}}}));
          t.run_shuffled(random, random() % 4);
        }
      };
      ask_some();
      const auto listed = t.ask<std::vector<collection_info>>(t.database, list_atom_v);
      const auto dropped = t.ask<position>(t.database, drop_atom_v, std::string{"others"});
      t.run_shuffled(random, random() % 8);
      const auto closed = t.ask<position>(t.database, close_atom_v);
      ask_some();
      t.run_shuffled(random);
      const auto answer = t.take(closed);
      BOOST_REQUIRE_MESSAGE(answer, "the close was never answered");
      BOOST_TEST(code_of(*answer) == errc::none);
      for (const auto each : opened)
        BOOST_TEST(t.take(each).has_value(), "an opening was never answered");
      BOOST_TEST(t.take(listed).has_value(), "a list was never answered");
      BOOST_TEST(t.take(dropped).has_value(), "a drop was never answered");
    }
  }
}

BOOST_AUTO_TEST_CASE(the_close_tells_the_last_position_whichever_writer_made_it) {
  deterministic t;
  const auto words = t.collection();
  put_all(t, words, 0, 4);
  const auto last = must(t.call<position>(words, put_atom_v, put_of(4)));
  t.kill(t.crew()->writer);
  t.run();
  // It is not started again before its time.
  BOOST_TEST((must(t.close()) == last));
  t.open();
  BOOST_TEST((must(t.close()) == last));
}

BOOST_AUTO_TEST_CASE(after_the_close_every_call_is_answered_closed) {
  deterministic t;
  const auto words = t.collection();
  put_all(t, words, 0, 2);
  BOOST_TEST(code_of(t.close()) == errc::none);
  BOOST_TEST(code_of(t.call<position>(words, put_atom_v, put_of(1))) == errc::closed);
  BOOST_TEST(code_of(t.call<position>(words, metadata_atom_v, metadata_request{key_of(1), "1"})) == errc::closed);
  BOOST_TEST(code_of(t.call<removal>(words, remove_atom_v, remove_of(1))) == errc::closed);
  BOOST_TEST(code_of(t.call<record>(words, get_atom_v, get_request{key_of(1), {}})) == errc::closed);
  BOOST_TEST(code_of(t.call<bool>(words, contains_atom_v, get_request{key_of(1), {}})) == errc::closed);
  BOOST_TEST(code_of(t.call<page>(words, scan_atom_v, scan_request{"", 1, {}})) == errc::closed);
  BOOST_TEST(code_of(t.call<search_reply>(words, search_atom_v, search_of(1))) == errc::closed);
  BOOST_TEST(code_of(t.call<std::uint64_t>(words, size_atom_v)) == errc::closed);
  BOOST_TEST(code_of(t.call<collection_stats>(words, stats_atom_v)) == errc::closed);
  BOOST_TEST(code_of(t.call<compaction_report>(words, compact_atom_v)) == errc::closed);
}

BOOST_AUTO_TEST_CASE(closing_twice_is_answered_twice) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random{seed};
    deterministic t;
    const auto first = t.ask<position>(t.database, close_atom_v);
    t.run_shuffled(random, random() % 6);
    const auto second = t.ask<position>(t.database, close_atom_v);
    t.run_shuffled(random);
    BOOST_TEST(code_of(t.answer(first)) == errc::none);
    // Whether it was closing or had ended already: a remote or local asker of a dead actor hears CAF's own word.
    const auto code = code_of(t.answer(second));
    BOOST_TEST((code == errc::closed || code == errc::unavailable));
  }
}

BOOST_AUTO_TEST_CASE(a_close_during_a_compaction_answers_all_who_wait) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      {
        const auto words = t.collection();
        put_all(t, words, 0, 5);
        const auto first = t.ask<compaction_report>(words, compact_atom_v);
        t.run_shuffled(random, random() % 30);
        const auto second = t.ask<compaction_report>(words, compact_atom_v);
        const auto search = t.ask<search_reply>(words, search_atom_v, search_of(1));
        t.run_shuffled(random, random() % 5);
        const auto closed = t.ask<position>(t.database, close_atom_v);
        t.run_shuffled(random);
        BOOST_TEST(code_of(t.answer(closed)) == errc::none);
        // Whoever overtakes the news of the close meets a part that has ended: not done, try again.
        for (auto each : {first, second})
          check_answer(t, each, {errc::closed, errc::unavailable});
        check_answer(t, search, {errc::closed, errc::unavailable});
      }
      t.open();
      const auto words = t.collection();
      for (int number = 0; number < 5; ++number)
        BOOST_TEST(finds(t, words, number));
      BOOST_TEST(must(t.call<compaction_report>(words, compact_atom_v)).vectors == 5u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_a_reader_kept_from_being_checkpointed_opens_again) {
  std::string text(1'000, ' ');
  text += "[]";
  for (int count = 1; count <= 40; ++count) {
    BOOST_TEST_CONTEXT(count << " items before the reader") {
      deterministic t;
      std::unique_ptr<storage::snapshot> reader;
      {
        const auto words = t.collection();
        for (int i = 0; i < count; ++i)
          must(t.call<position>(words, put_atom_v, put_of(item_of(i, text))));
        const auto id = must(must(storage::reader::open(t.path()))->collections()).front().id;
        reader = must(storage::snapshot::open(t.path(), id));
        // It rewrites the last pages, which the checkpoint must then leave out, and not the first, which has the size.
        must(t.call<position>(words, put_atom_v, put_of(count)));
        must(t.close());
      }
      t.open();
      BOOST_TEST(must(t.call<std::uint64_t>(t.collection(), size_atom_v)) == static_cast<std::uint64_t>(count) + 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_database_closes_while_a_part_of_it_waits_to_be_started_again) {
  for (int which = 0; which < 5; ++which) {
    BOOST_TEST_CONTEXT("part " << which) {
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 2);
      const auto crew = t.crew();
      switch (which) {
      case 0: t.kill(crew->writer); break;
      case 1: t.kill(crew->log_sync); break;
      case 2: t.kill(crew->compactor); break;
      case 3: t.kill(crew->searchers.front()); break;
      default: t.kill(t.holder());
      }
      t.run();
      const auto closed = t.ask<position>(t.database, close_atom_v);
      t.run();
      t.advance(1h);
      t.run();
      BOOST_TEST(t.take(closed).has_value(), "the close was never answered");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_database_closes_when_a_part_dies_at_the_same_time) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 2);
      const auto crew = t.crew();
      const auto closed = t.ask<position>(t.database, close_atom_v);
      t.run_shuffled(random, random() % 6);
      if (seed % 2 == 0)
        t.kill(crew->writer);
      else
        t.kill(crew->log_sync);
      t.run_shuffled(random);
      t.advance(1h);
      t.run();
      BOOST_TEST(t.take(closed).has_value(), "the close was never answered");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_second_close_is_answered_when_the_first_one_is) {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      put_all(t, t.collection(), 0, 3);
      const auto first = t.ask<position>(t.database, close_atom_v);
      t.run_shuffled(random, random() % 8);
      const auto second = t.ask<position>(t.database, close_atom_v);
      std::optional<lodge::result<position>> of_first;
      std::optional<lodge::result<position>> of_second;
      while (!of_second) {
        t.run_one(random);
        of_second = t.take(second);
        if (!of_first)
          of_first = t.take(first);
      }
      BOOST_REQUIRE(of_first.has_value());
      must(*of_first);
      BOOST_TEST(code_of(*of_second) == errc::closed);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
