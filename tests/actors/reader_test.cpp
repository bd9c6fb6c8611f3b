// The leases by which a reader knows that its view is the newest.

#include "tests/actors/requests.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

pending<leased_view> ask_for_lease(deterministic& t, const collection_actor& words,
                                   std::optional<position> at_least = {}) {
  return t.ask<leased_view>(caf::actor_cast<collection_inside_actor>(words), lease_atom_v,
                            lease_request{at_least, std::chrono::seconds{5}});
}

lodge::result<leased_view> lease_of(deterministic& t, const collection_actor& words,
                                    std::optional<position> at_least = {}) {
  const auto asked = ask_for_lease(t, words, at_least);
  t.run();
  return t.answer(asked);
}

view_watch watch_of(deterministic& t, const collection_actor& words) {
  view_watch watch;
  watch.renew(must(lease_of(t, words)));
  return watch;
}

} // namespace

BOOST_AUTO_TEST_SUITE(readers)

BOOST_AUTO_TEST_CASE(a_view_is_current_until_the_next_commit_and_nothing_keeps_it_then) {
  deterministic t;
  const auto words = t.collection();
  put_all(t, words, 0, 3);
  const auto watch = watch_of(t, words);
  BOOST_REQUIRE(watch.current({}));
  BOOST_TEST(watch.current({})->living == 3u);
  const std::weak_ptr<const index::view> seen = watch.current({});
  put_all(t, words, 3, 4);
  BOOST_TEST(!watch.current({}));
  BOOST_TEST(seen.expired());
  BOOST_TEST(must(lease_of(t, words)).view->living == 4u);
}

BOOST_AUTO_TEST_CASE(a_current_view_has_every_commit_that_was_answered_in_every_schedule) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      view_watch watch;
      std::optional<pending<leased_view>> asked;
      std::vector<pending<position>> open;
      std::uint64_t answered = 0;
      std::size_t uses = 0;
      for (int number = 0; number < 30 || !open.empty() || asked;) {
        if (number < 30 && random() % 4 == 0)
          open.push_back(t.ask<position>(words, put_atom_v, put_of(number++)));
        if (!asked && random() % 2 == 0)
          asked = ask_for_lease(t, words);
        t.run_shuffled(random, random() % 6);
        std::erase_if(open, [&](const auto& each) {
          const auto outcome = t.take(each);
          if (outcome)
            answered = std::max(answered, must(*outcome).number);
          return outcome.has_value();
        });
        if (asked)
          if (const auto outcome = t.take(*asked)) {
            watch.renew(must(*outcome));
            asked.reset();
          }
        if (const auto view = watch.current({})) {
          BOOST_TEST(view->number >= answered);
          ++uses;
        }
      }
      BOOST_TEST(uses > 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(leases_end_with_their_givers_and_are_given_again) {
  for (const bool is_writer : {false, true}) {
    BOOST_TEST_CONTEXT("the writer is killed: " << is_writer) {
      deterministic t;
      const auto words = t.collection();
      put_all(t, words, 0, 3);
      const auto watch = watch_of(t, words);
      if (is_writer)
        t.kill(t.crew()->writer);
      else
        t.kill(t.holder());
      t.run();
      BOOST_TEST(!watch.current({}));
      t.restart_parts();
      const auto renewed = watch_of(t, words);
      BOOST_REQUIRE(renewed.current({}));
      BOOST_TEST(renewed.current({})->living == 3u);
      put_all(t, words, 3, 4);
      BOOST_TEST(!renewed.current({}));
    }
  }
}

BOOST_AUTO_TEST_CASE(no_lease_outlives_the_answer_of_a_drop_or_a_close) {
  for (const bool is_drop : {false, true})
    for (std::uint32_t seed = 1; seed <= 50; ++seed) {
      BOOST_TEST_CONTEXT("drop: " << is_drop << ", seed " << seed) {
        std::mt19937 random{seed};
        deterministic t;
        const auto words = t.collection();
        put_all(t, words, 0, 3);
        auto watch = watch_of(t, words);
        const auto ended = is_drop ? t.ask<position>(t.database, drop_atom_v, std::string{"words"})
                                   : t.ask<position>(t.database, close_atom_v);
        std::optional<lodge::result<position>> outcome;
        std::optional<pending<leased_view>> asked;
        for (; !(outcome = t.take(ended)); t.run_one(random)) {
          if (!asked)
            asked = ask_for_lease(t, words);
          if (const auto lease = t.take(*asked)) {
            if (*lease)
              watch.renew(**lease);
            asked.reset();
          }
        }
        must(*outcome);
        BOOST_TEST(!watch.current({}));
        t.run_shuffled(random);
        BOOST_TEST(code_of(lease_of(t, words)) == (is_drop ? errc::collection_dropped : errc::closed));
      }
    }
}

BOOST_AUTO_TEST_CASE(a_position_is_waited_for_or_refused_as_for_a_search) {
  deterministic t;
  const auto words = t.collection();
  const auto at = must(t.call<position>(words, put_atom_v, put_of(1)));
  const auto watch = watch_of(t, words);
  BOOST_TEST(bool(watch.current(at)));
  BOOST_TEST(!watch.current(position{at.file, at.number + 1}));
  BOOST_TEST(!watch.current(position{at.file + 1, at.number}));
  BOOST_TEST(code_of(lease_of(t, words, position{at.file, at.number + 1})) == errc::position_not_reached);
  BOOST_TEST(code_of(lease_of(t, words, position{at.file + 1, at.number})) == errc::position_of_other_file);
}

BOOST_AUTO_TEST_SUITE_END()
