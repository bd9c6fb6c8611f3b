#include "tests/actors/requests.hpp"
#include "tests/support/vectors.hpp"

#include <cstdio>

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::size_t dimension = 1'024;

/// A collection and an exact batch that takes its one SEARCHER dozens of slices.
struct long_batch : deterministic {
  static constexpr std::uint64_t queries = 4'000;

  static database_options one_searcher() {
    auto made = scheduled_options();
    made.searchers = 1;
    return made;
  }

  long_batch() : deterministic(one_searcher()) {
    put_request put;
    for (std::size_t i = 0; i < vectors.size(); ++i)
      put.items.push_back({key_of(static_cast<int>(i)), vectors[i], std::to_string(i)});
    must(call<position>(words, put_atom_v, std::move(put)));
    must(call<search_reply>(words, search_atom_v, search(1)));
  }

  /// Exact searches for the vectors in turn.
  search_request search(std::uint64_t count) const {
    search_request made;
    made.count = count;
    made.options.k = 3;
    made.options.exact = true;
    for (std::uint64_t i = 0; i < count; ++i)
      made.queries.insert(made.queries.end(), vectors[i % vectors.size()].begin(), vectors[i % vectors.size()].end());
    return made;
  }

  /// A batch whose first slices are done.
  pending<search_reply> begin(search_request what) {
    const auto asked = ask<search_reply>(words, search_atom_v, std::move(what));
    run_some(12);
    BOOST_TEST(!take(asked), "it was done in no time");
    return asked;
  }
  pending<search_reply> begin() { return begin(search(queries)); }

  void run_some(std::size_t steps) {
    for (; steps > 0 && !is_idle(); --steps)
      run_one(random);
  }

  /// Lets everybody work until the answer is there.
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
  std::vector<std::vector<float>> vectors = clustered_vectors(300, dimension, 1);
  collection_actor words = collection("words", {dimension, metric::l2, {}, {}});
};

void check_batch(long_batch& t, const search_reply& reply, std::uint64_t queries = long_batch::queries) {
  BOOST_REQUIRE(reply.results.size() == queries);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < reply.results.size(); ++i) {
    const auto& found = reply.results[i];
    wrong += found.size() == 3 && finds({{found}, {}}, static_cast<int>(i % t.vectors.size())) ? 0 : 1;
  }
  BOOST_TEST(wrong == 0u);
}

} // namespace

BOOST_AUTO_TEST_SUITE(slices)

BOOST_AUTO_TEST_CASE(reads_of_the_only_searcher_are_answered_while_a_long_batch_runs) {
  long_batch t;
  const auto batch = t.begin();
  BOOST_TEST(must(t.await(t.ask<bool>(t.words, contains_atom_v, get_request{key_of(7)}))));
  BOOST_TEST(must(t.await(t.ask<record>(t.words, get_atom_v, get_request{key_of(8)}))).metadata == "8");
  BOOST_TEST(finds(must(t.await(t.ask<search_reply>(t.words, search_atom_v, t.search(1)))), 0));
  BOOST_TEST(!t.take(batch), "the batch was answered before");
  t.run();
  check_batch(t, must(t.answer(batch)));
}

BOOST_AUTO_TEST_CASE(long_batches_take_turns_and_each_gives_what_single_searches_give) {
  long_batch t;
  const auto long_one = t.begin();
  const auto other = t.begin();
  const auto shorter = t.ask<search_reply>(t.words, search_atom_v, t.search(1'000));
  check_batch(t, must(t.await(shorter)), 1'000);
  BOOST_TEST(!t.take(long_one), "the one that came first went first");
  BOOST_TEST(!t.take(other));
  t.run();
  check_batch(t, must(t.answer(other)));
  const auto reply = must(t.answer(long_one));
  for (std::size_t i = 0; i < 300; i += 37) {
    auto single = t.search(1);
    single.queries = t.vectors[i];
    BOOST_TEST((must(t.call<search_reply>(t.words, search_atom_v, single)).results.front() == reply.results[i]));
  }
}

BOOST_AUTO_TEST_CASE(metadata_is_read_in_slices_too) {
  long_batch t;
  auto request = t.search(256);
  request.options.k = 300;
  request.options.with_metadata = true;
  const auto batch = t.begin(std::move(request));
  BOOST_TEST(must(t.await(t.ask<bool>(t.words, contains_atom_v, get_request{key_of(7)}))));
  BOOST_TEST(!t.take(batch), "the batch was answered before");
  t.run();
  const auto reply = must(t.answer(batch));
  BOOST_REQUIRE(reply.results.size() == 256u);
  for (std::size_t i = 0; i < reply.results.size(); ++i) {
    BOOST_REQUIRE(reply.results[i].size() == 300u);
    BOOST_TEST(reply.results[i].front().metadata == std::to_string(i));
  }
}

BOOST_AUTO_TEST_CASE(the_deadline_ends_a_batch_between_two_slices) {
  long_batch t;
  auto request = t.search(long_batch::queries);
  request.options.timeout = 100ms;
  const auto batch = t.begin(std::move(request));
  t.advance(99ms);
  t.run_some(1);
  BOOST_TEST(!t.take(batch));
  t.advance(1ms);
  t.run_some(2);
  const auto outcome = t.answer(batch);
  BOOST_REQUIRE(code_of(outcome) == errc::deadline_exceeded);
  std::uint64_t done = 0;
  BOOST_TEST(std::sscanf(outcome.error().detail.c_str(), "the time ended after %lu of 4000 queries", &done) == 1);
  BOOST_TEST(done > 0u);
  BOOST_TEST(done < 4'000u);
}

BOOST_AUTO_TEST_CASE(whoever_waits_for_a_long_batch_hears_that_its_searcher_died) {
  long_batch t;
  const auto searcher = t.crew()->searchers.front();
  const auto batch = t.begin();
  const auto other = t.begin();
  t.kill(searcher);
  t.run();
  BOOST_TEST(code_of(t.answer(batch)) == errc::unavailable);
  BOOST_TEST(code_of(t.answer(other)) == errc::unavailable);
  t.restart_parts();
  BOOST_TEST(finds(must(t.call<search_reply>(t.words, search_atom_v, t.search(1))), 0));
}

BOOST_AUTO_TEST_CASE(a_long_batch_does_not_hold_up_the_close) {
  long_batch t;
  const auto batch = t.begin();
  const auto closed = t.ask<position>(t.database, close_atom_v);
  must(t.await(closed));
  t.run();
  check_answer(t, batch, {errc::unavailable, errc::closed});
}

BOOST_AUTO_TEST_SUITE_END()
