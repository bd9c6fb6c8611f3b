#include "tests/actors/requests.hpp"

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(reading)

BOOST_AUTO_TEST_CASE(a_search_that_comes_after_the_answer_of_a_write_sees_it_in_every_schedule) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      std::vector<pending<search_reply>> searches;
      std::vector<int> expected;
      std::vector<std::pair<int, pending<position>>> open;
      for (int number = 0; number < 12 || !open.empty();) {
        if (number < 12 && random() % 3 == 0) {
          open.emplace_back(number, t.ask<position>(words, put_atom_v, put_of(number)));
          ++number;
        }
        t.run_shuffled(random, random() % 8);
        std::erase_if(open, [&](auto& each) {
          const auto answered = t.take(each.second);
          if (!answered)
            return false;
          must(*answered);
          searches.push_back(t.ask<search_reply>(words, search_atom_v, search_of(each.first)));
          expected.push_back(each.first);
          return true;
        });
      }
      t.run_shuffled(random);
      for (std::size_t i = 0; i < searches.size(); ++i)
        BOOST_TEST(finds(must(t.answer(searches[i])), expected[i]), "key " << expected[i] << " is not found");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_removed_or_moved_item_is_not_found_once_that_is_answered) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 4);
      const auto early = t.ask<search_reply>(words, search_atom_v, search_of(1));
      const auto removed = t.ask<removal>(words, remove_atom_v, remove_of(1));
      const auto moved = t.ask<position>(words, put_atom_v, put_of({key_of(2), vector_of(50), {}}));
      t.run_shuffled(random, random() % 20);
      std::optional<lodge::result<removal>> gone;
      for (; !(gone = t.take(removed)); t.run_one(random))
        continue;
      BOOST_TEST(must(*gone).removed == 1u);
      const auto late = t.ask<search_reply>(words, search_atom_v, search_of(1, 10));
      t.run_shuffled(random);
      must(t.answer(early));
      must(t.answer(moved));
      const hits seen = must(t.answer(late)).results.front();
      BOOST_TEST(seen.size() == 3u);
      BOOST_TEST((std::ranges::find(seen, key_of(1), &hit::key) == seen.end()));
      BOOST_TEST(!finds(t, words, 2));
      BOOST_TEST(found(t, words, search_of(50)).front().key == key_of(2));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_position_that_the_file_has_not_reached_is_an_error_at_once) {
  deterministic t;
  const auto words = t.collection();
  auto at = must(t.call<position>(words, put_atom_v, put_of(1)));
  for (const bool is_loaded : {false, true}) {
    BOOST_TEST_CONTEXT("is loaded: " << is_loaded) {
      BOOST_TEST(finds(must(t.call<search_reply>(words, search_atom_v, search_of(1, 1, at))), 1));
      const position next{at.file, at.number + 1};
      BOOST_TEST(code_of(t.call<search_reply>(words, search_atom_v, search_of(1, 1, next)))
                 == errc::position_not_reached);
      BOOST_TEST(code_of(t.call<record>(words, get_atom_v, get_request{key_of(1), next}))
                 == errc::position_not_reached);
      BOOST_TEST(code_of(t.call<page>(words, scan_atom_v, scan_request{"", 10, next})) == errc::position_not_reached);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_position_that_the_file_has_not_reached_is_an_error_also_for_the_search_that_loads) {
  deterministic t;
  const auto words = t.collection();
  const auto at = must(t.call<position>(words, put_atom_v, put_of(1)));
  const auto first = t.ask<search_reply>(words, search_atom_v, search_of(1, 1, position{at.file, at.number + 7}));
  const auto second = t.ask<search_reply>(words, search_atom_v, search_of(1, 1, at));
  t.run();
  BOOST_TEST(code_of(t.answer(first)) == errc::position_not_reached);
  BOOST_TEST(finds(must(t.answer(second)), 1));
}

BOOST_AUTO_TEST_CASE(a_position_of_another_file_is_an_error_at_once) {
  deterministic t;
  const auto words = t.collection();
  const auto at = must(t.call<position>(words, put_atom_v, put_of(1)));
  const position foreign{at.file + 1, 1};
  BOOST_TEST(code_of(t.call<search_reply>(words, search_atom_v, search_of(1, 1, foreign)))
             == errc::position_of_other_file);
  BOOST_TEST(code_of(t.call<bool>(words, contains_atom_v, get_request{key_of(1), foreign}))
             == errc::position_of_other_file);
}

BOOST_AUTO_TEST_CASE(a_position_of_another_collections_write_is_reached) {
  deterministic t;
  const auto words = t.collection();
  const auto others = t.collection("others");
  put_all(t, words, 0, 2);
  BOOST_TEST(finds(t, words, 1));
  const auto at = must(t.call<position>(others, put_atom_v, put_of(5)));
  const auto reply = must(t.call<search_reply>(words, search_atom_v, search_of(1, 10, at)));
  BOOST_TEST(reply.as_of.number >= at.number);
  BOOST_TEST(reply.results.front().size() == 2u);
}

/// A database whose holder knows of a change that its dead LOG SYNC will not tell it for an hour.
struct behind_its_file : deterministic {
  static database_options slow_to_heal(std::uint64_t searches) {
    auto made = scheduled_options();
    made.restart_delay = 1h;
    made.max_waiting_searches = searches;
    return made;
  }
  explicit behind_its_file(std::uint64_t searches = 100) : deterministic(slow_to_heal(searches)) {
    put_all(*this, words, 0, 2);
    BOOST_REQUIRE(finds(*this, words, 1));
    kill(crew()->log_sync);
    run();
    put_all(*this, words, 2, 3);
  }
  pending<search_reply> search(std::chrono::milliseconds timeout) {
    auto request = search_of(2);
    request.options.timeout = timeout;
    auto asked = ask<search_reply>(words, search_atom_v, std::move(request));
    run();
    return asked;
  }
  collection_actor words = collection();
};

BOOST_AUTO_TEST_CASE(a_search_that_waits_expires_at_its_deadline_and_not_before) {
  behind_its_file t;
  const auto asked = t.search(100ms);
  t.advance(99ms);
  t.run();
  BOOST_TEST(!t.take(asked));
  t.advance(1ms);
  t.run();
  BOOST_TEST(code_of(t.answer(asked)) == errc::deadline_exceeded);
}

BOOST_AUTO_TEST_CASE(each_search_that_waits_expires_at_its_own_deadline) {
  behind_its_file t;
  const auto patient = t.search(1'000ms);
  const auto hasty = t.search(100ms);
  t.advance(100ms);
  t.run();
  BOOST_TEST(code_of(t.answer(hasty)) == errc::deadline_exceeded);
  BOOST_TEST(!t.take(patient));
  t.advance(900ms);
  t.run();
  BOOST_TEST(code_of(t.answer(patient)) == errc::deadline_exceeded);
}

BOOST_AUTO_TEST_CASE(a_search_that_waits_is_answered_when_the_change_arrives) {
  behind_its_file t;
  const auto asked = t.search(2h);
  BOOST_TEST(!t.take(asked));
  t.restart_parts();
  BOOST_TEST(finds(must(t.answer(asked)), 2));
}

BOOST_AUTO_TEST_CASE(more_searches_than_may_wait_are_answered_overloaded) {
  behind_its_file t{3};
  std::vector<pending<search_reply>> waiting;
  for (int i = 0; i < 3; ++i)
    waiting.push_back(t.search(2h));
  BOOST_TEST(code_of(t.answer(t.search(2h))) == errc::overloaded);
  t.restart_parts();
  for (auto each : waiting)
    BOOST_TEST(finds(must(t.answer(each)), 2));
}

BOOST_AUTO_TEST_SUITE_END()
