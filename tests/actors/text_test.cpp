// Searches for words, and hybrid ones, by messages.

#include "tests/actors/requests.hpp"

#include "actors/fusion.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

collection_options with_titles() {
  collection_options made;
  made.dimension = 4;
  made.metric = metric::l2;
  made.text_fields = {{"title"}};
  return made;
}

std::string titled(const std::string& text) { return "{\"title\": \"" + text + "\"}"; }

put_request put_titled(int number, const std::string& text) { return put_of(item_of(number, titled(text))); }

text_request text_of(const std::string& query, std::int64_t k = 10, std::optional<position> at_least = {}) {
  text_request made{query};
  made.options.k = k;
  made.options.at_least = at_least;
  return made;
}

search_request hybrid_of(int number, const std::string& text, std::int64_t k = 10) {
  auto made = search_of(number, k);
  made.text = text;
  return made;
}

bool has(const search_reply& reply, int number) {
  return std::ranges::find(reply.results.at(0), key_of(number), &hit::key) != reply.results.at(0).end();
}

/// A collection whose one SEARCHER takes many slices for the word "river".
struct long_text : deterministic {
  static constexpr int rows = 12'000;

  static database_options one_searcher() {
    auto made = scheduled_options();
    made.searchers = 1;
    return made;
  }

  long_text() : deterministic(one_searcher()) {
    put_request put;
    for (int i = 0; i < rows; ++i)
      put.items.push_back(item_of(i, titled(i % 1'000 == 0 ? "river mouth" : "river")));
    must(call<position>(words, put_atom_v, std::move(put)));
  }

  pending<search_reply> begin(std::chrono::milliseconds timeout = default_timeout) {
    auto request = text_of("river", 5);
    request.options.timeout = timeout;
    const auto asked = ask<search_reply>(words, text_atom_v, std::move(request));
    run_some(4);
    BOOST_TEST(!take(asked), "it was done in no time");
    return asked;
  }

  void run_some(std::size_t steps) {
    for (; steps > 0 && !is_idle(); --steps)
      run_one(random);
  }

  template <class Reply>
  lodge::result<Reply> await(pending<Reply> what) {
    for (;;) {
      if (auto outcome = take(what))
        return *std::move(outcome);
      BOOST_REQUIRE(!is_idle());
      run_some(1);
    }
  }

  std::mt19937 random{1};
  collection_actor words = collection("words", with_titles());
};

} // namespace

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(a_list_is_fused_by_the_ranks_that_its_rows_have_in_both) {
  const std::vector<ranked_row> one{{1, "a", 9}, {2, "b", 8}, {3, "c", 7}};
  const std::vector<ranked_row> other{{3, "c", 0.1}, {4, "d", 0.05}};
  const auto fused = fuse(one, other, 60, 10);
  BOOST_REQUIRE(fused.size() == 4u);
  const auto tolerance = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(fused[0].key == "c");
  BOOST_TEST(fused[0].score == 1.0 / 63 + 1.0 / 61, tolerance);
  BOOST_TEST(fused[1].key == "a");
  BOOST_TEST(fused[1].score == 1.0 / 61, tolerance);
  // Equal scores in the order of their labels.
  BOOST_TEST(fused[2].key == "b");
  BOOST_TEST(fused[3].key == "d");
  BOOST_TEST(fused[2].score == 1.0 / 62, tolerance);
  BOOST_TEST(fused[3].score == 1.0 / 62, tolerance);
  BOOST_TEST(fuse(one, other, 60, 1).size() == 1u);
  BOOST_TEST(fuse(one, other, 60, 0).empty());
  BOOST_TEST(fuse(one, {}, 0, 2)[1].score == 0.5, tolerance);
  BOOST_TEST(fuse({}, {}, 60, 2).empty());
}

BOOST_AUTO_TEST_CASE(enough_of_each_list_is_taken) {
  BOOST_TEST(depth_of({}, 10) == 100u);
  BOOST_TEST(depth_of({}, 0) == 100u);
  BOOST_TEST(depth_of({}, 50) == 500u);
  BOOST_TEST(depth_of({60, 7}, 10) == 10u);
  BOOST_TEST(depth_of({60, 70}, 10) == 70u);
  BOOST_TEST(depth_of({}, SIZE_MAX) == SIZE_MAX);
}

BOOST_AUTO_TEST_CASE(words_and_hybrid_searches_that_come_after_the_answer_of_a_write_see_it_in_every_schedule) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection("words", with_titles());
      std::vector<std::pair<int, pending<search_reply>>> searches;
      std::vector<std::pair<int, pending<position>>> open;
      for (int number = 0; number < 10 || !open.empty();) {
        if (number < 10 && random() % 3 == 0) {
          open.emplace_back(
            number,
            t.ask<position>(words, put_atom_v, put_titled(number, std::string{"w"}.append(std::to_string(number)))));
          ++number;
        }
        t.run_shuffled(random, random() % 8);
        std::erase_if(open, [&](auto& each) {
          const auto answered = t.take(each.second);
          if (!answered)
            return false;
          must(*answered);
          const auto word = std::string{"w"}.append(std::to_string(each.first));
          searches.emplace_back(each.first, t.ask<search_reply>(words, text_atom_v, text_of(word)));
          searches.emplace_back(each.first, t.ask<search_reply>(words, search_atom_v, hybrid_of(each.first, word, 1)));
          return true;
        });
      }
      t.run_shuffled(random);
      for (const auto& [number, search] : searches)
        BOOST_TEST(has(must(t.answer(search)), number), "key " << number << " is not found");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_search_for_words_loads_nothing_and_a_hybrid_one_finds_items_without_a_vector) {
  deterministic t;
  const auto words = t.collection("words", with_titles());
  must(t.call<position>(words, put_atom_v, put_titled(1, "river")));
  must(t.call<position>(words, put_atom_v, put_of({"without", std::nullopt, titled("river deep")})));
  BOOST_TEST(must(t.call<search_reply>(words, text_atom_v, text_of("deep"))).results.front().front().key == "without");
  BOOST_TEST(stats_of(t, words).view_number == 0u);
  const auto both = must(t.call<search_reply>(words, search_atom_v, hybrid_of(1, "deep"))).results.front();
  BOOST_REQUIRE(both.size() == 2u);
  // Each is the first of one list.
  BOOST_TEST(both[0].score == both[1].score);
  BOOST_TEST(both[0].key == key_of(1));
  BOOST_TEST(both[1].key == "without");
}

BOOST_AUTO_TEST_CASE(requests_that_make_no_sense_are_refused) {
  deterministic t;
  const auto words = t.collection("words", with_titles());
  const auto plain = t.collection("plain");
  const auto refused = [&](const collection_actor& whom, auto atom, auto request) {
    return code_of(t.call<search_reply>(whom, atom, std::move(request)));
  };
  BOOST_TEST(refused(plain, text_atom_v, text_of("river")) == errc::invalid_argument);
  BOOST_TEST(refused(plain, search_atom_v, hybrid_of(1, "river")) == errc::invalid_argument);
  for (const auto* query : {"", "+", "\xff", "a\xc3"})
    BOOST_TEST(refused(words, text_atom_v, text_of(query)) == errc::invalid_argument);
  BOOST_TEST(refused(words, text_atom_v, text_of(std::string("a\0b", 3))) == errc::invalid_argument);
  BOOST_TEST(refused(words, text_atom_v, text_of("river", -1)) == errc::invalid_argument);
  BOOST_TEST(refused(words, search_atom_v, hybrid_of(1, "+")) == errc::invalid_argument);
  BOOST_TEST(refused(words, search_atom_v, hybrid_of(1, "river", -1)) == errc::invalid_argument);
  auto two = hybrid_of(1, "river");
  two.count = 2;
  two.queries.insert(two.queries.end(), 4, 1.0F);
  BOOST_TEST(refused(words, search_atom_v, two) == errc::invalid_argument);
  auto none = hybrid_of(1, "river");
  none.count = 0;
  none.queries.clear();
  BOOST_TEST(refused(words, search_atom_v, none) == errc::invalid_argument);
  auto deep = hybrid_of(1, "river");
  deep.fusion.depth = 1'000'001;
  BOOST_TEST(refused(words, search_atom_v, deep) == errc::invalid_argument);
  auto flat = hybrid_of(1, "river");
  flat.fusion.rank_constant = 1'000'001;
  BOOST_TEST(refused(words, search_atom_v, flat) == errc::invalid_argument);
  auto wide = hybrid_of(1, "river");
  wide.queries.push_back(1);
  BOOST_TEST(refused(words, search_atom_v, wide) == errc::dimension_mismatch);
}

BOOST_AUTO_TEST_CASE(a_position_is_awaited_or_refused_as_by_every_other_search) {
  deterministic t;
  const auto words = t.collection("words", with_titles());
  const auto at = must(t.call<position>(words, put_atom_v, put_titled(1, "river")));
  BOOST_TEST(has(must(t.call<search_reply>(words, text_atom_v, text_of("river", 1, at))), 1));
  BOOST_TEST(code_of(t.call<search_reply>(words, text_atom_v, text_of("river", 1, position{at.file, at.number + 1})))
             == errc::position_not_reached);
  BOOST_TEST(code_of(t.call<search_reply>(words, text_atom_v, text_of("river", 1, position{at.file + 1, 1})))
             == errc::position_of_other_file);
  auto hybrid = hybrid_of(1, "river");
  hybrid.options.at_least = position{at.file, at.number + 1};
  BOOST_TEST(code_of(t.call<search_reply>(words, search_atom_v, hybrid)) == errc::position_not_reached);
}

BOOST_AUTO_TEST_CASE(the_only_searcher_reads_and_searches_while_it_looks_for_a_frequent_word) {
  long_text t;
  must(t.call<search_reply>(t.words, search_atom_v, search_of(1)));
  const auto frequent = t.begin();
  const auto second = t.ask<search_reply>(t.words, text_atom_v, text_of("mouth", 100));
  BOOST_TEST(must(t.await(t.ask<bool>(t.words, contains_atom_v, get_request{key_of(7)}))));
  BOOST_TEST(finds(must(t.await(t.ask<search_reply>(t.words, search_atom_v, search_of(8)))), 8));
  BOOST_TEST(!t.take(frequent), "it was answered before");
  // What is removed meanwhile was there when it began.
  must(t.await(t.ask<removal>(t.words, remove_atom_v, remove_of(1))));
  t.run();
  const auto found = must(t.answer(frequent)).results.front();
  BOOST_REQUIRE(found.size() == 5u);
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(found[static_cast<std::size_t>(i)].key == key_of(i + 1));
  BOOST_TEST(must(t.answer(second)).results.front().size() == 12u);
}

BOOST_AUTO_TEST_CASE(a_hybrid_search_and_others_take_turns) {
  long_text t;
  must(t.call<search_reply>(t.words, search_atom_v, search_of(1)));
  const auto frequent = t.begin();
  const auto hybrid = t.ask<search_reply>(t.words, search_atom_v, hybrid_of(3'000, "mouth", 3));
  t.run();
  must(t.answer(frequent));
  const auto found = must(t.answer(hybrid)).results.front();
  BOOST_REQUIRE(found.size() == 3u);
  // The first of the neighbours, and the fourth of those with the word.
  BOOST_TEST(found.front().key == key_of(3'000));
  BOOST_TEST(found.front().score == 1.0F / 61 + 1.0F / 64, boost::test_tools::tolerance(1e-6F));
}

BOOST_AUTO_TEST_CASE(the_deadline_ends_a_search_for_words_and_those_behind_it) {
  long_text t;
  const auto late = t.begin(100ms);
  auto request = text_of("mouth");
  request.options.timeout = 50ms;
  const auto waiting = t.ask<search_reply>(t.words, text_atom_v, std::move(request));
  const auto patient = t.ask<search_reply>(t.words, text_atom_v, text_of("mouth"));
  t.run_some(2);
  t.advance(100ms);
  t.run();
  BOOST_TEST(code_of(t.answer(late)) == errc::deadline_exceeded);
  BOOST_TEST(code_of(t.answer(waiting)) == errc::deadline_exceeded);
  BOOST_TEST(must(t.answer(patient)).results.front().size() == 10u);
}

BOOST_AUTO_TEST_CASE(whoever_waits_for_words_hears_that_the_searcher_died) {
  long_text t;
  const auto searcher = t.crew()->searchers.front();
  const auto frequent = t.begin();
  const auto second = t.ask<search_reply>(t.words, text_atom_v, text_of("mouth"));
  t.run_some(2);
  t.kill(searcher);
  t.run();
  BOOST_TEST(code_of(t.answer(frequent)) == errc::unavailable);
  BOOST_TEST(code_of(t.answer(second)) == errc::unavailable);
  t.restart_parts();
  BOOST_TEST(must(t.call<search_reply>(t.words, text_atom_v, text_of("mouth"))).results.front().size() == 10u);
}

BOOST_AUTO_TEST_CASE(a_search_for_words_does_not_hold_up_the_close) {
  long_text t;
  const auto frequent = t.begin();
  const auto closed = t.ask<position>(t.database, close_atom_v);
  must(t.await(closed));
  t.run();
  check_answer(t, frequent, {errc::unavailable, errc::closed});
}

BOOST_AUTO_TEST_SUITE_END()
