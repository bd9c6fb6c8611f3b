#include "storage/reader.hpp"
#include "tests/actors/requests.hpp"

#include <sqlite3.h>

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(writing)

BOOST_AUTO_TEST_CASE(puts_that_wait_together_share_one_commit) {
  deterministic t;
  std::ignore = t.collection();
  const auto other = must(storage::reader::open(t.path()));
  const auto id = must(other->collections()).front().id;
  const auto writer = t.crew()->writer;
  const deadline never{caf::actor_clock::time_point::max()};
  std::vector<pending<position>> asked;
  for (int i = 0; i < 64; ++i)
    asked.push_back(t.ask<position>(writer, put_atom_v, id, never, put_of(i)));
  std::ignore = other->changed_elsewhere();
  std::mt19937 random{1};
  int commits = 0;
  while (!t.is_idle()) {
    t.run_one(random);
    commits += must(other->changed_elsewhere()) ? 1 : 0;
  }
  BOOST_TEST(commits == 1);
  for (auto each : asked)
    BOOST_TEST(code_of(t.answer(each)) == errc::none);
}

BOOST_AUTO_TEST_CASE(a_batch_that_fails_half_way_fails_alone) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      // A vector is in the way, as only damage can bring it there: whichever batch takes that label fails.
      const auto first = must(t.call<position>(words, put_atom_v, put_of(99))).number + 1;
      sqlite3* raw = nullptr;
      BOOST_REQUIRE(sqlite3_open(t.path().c_str(), &raw) == SQLITE_OK);
      const auto in_the_way =
        "INSERT INTO vectors VALUES (" + std::to_string(first + 1 + random() % 25) + ", 0, x'00')";
      BOOST_TEST(sqlite3_exec(raw, in_the_way.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
      sqlite3_close(raw);
      std::vector<pending<position>> asked;
      for (int i = 0; i < 10; ++i) {
        put_request batch;
        for (int j = 0; j < 3; ++j)
          batch.items.push_back(item_of(3 * i + j));
        asked.push_back(t.ask<position>(words, put_atom_v, std::move(batch)));
      }
      t.run_shuffled(random);
      for (int i = 0; i < 10; ++i) {
        const bool is_done = t.answer(asked[static_cast<std::size_t>(i)]).has_value();
        for (int j = 0; j < 3; ++j)
          BOOST_TEST(must(t.call<bool>(words, contains_atom_v, get_request{key_of(3 * i + j), {}})) == is_done);
      }
      BOOST_TEST(must(t.call<std::uint64_t>(words, size_atom_v)) >= 4U);
      BOOST_TEST(must(t.call<std::uint64_t>(words, size_atom_v)) < 31U);
    }
  }
}

BOOST_AUTO_TEST_CASE(one_bad_write_among_64_fails_alone) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      const auto bad = random() % 64;
      std::vector<pending<position>> asked;
      for (unsigned i = 0; i < 64; ++i) {
        auto request = put_of(static_cast<int>(i));
        if (i == bad)
          request.expected = 4'711;
        asked.push_back(t.ask<position>(words, put_atom_v, std::move(request)));
      }
      t.run_shuffled(random);
      for (unsigned i = 0; i < 64; ++i)
        BOOST_TEST(code_of(t.answer(asked[i])) == (i == bad ? errc::conflict : errc::none));
      BOOST_TEST(must(t.call<std::uint64_t>(words, size_atom_v)) == 63u);
      for (unsigned i = 0; i < 64; ++i)
        BOOST_TEST(must(t.call<bool>(words, contains_atom_v, get_request{key_of(static_cast<int>(i)), {}}))
                   == (i != bad));
    }
  }
}

BOOST_AUTO_TEST_CASE(one_senders_writes_are_done_in_the_order_of_their_sending) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      deterministic t;
      const auto words = t.collection();
      std::vector<pending<position>> puts;
      std::vector<pending<removal>> removals;
      for (int i = 0; i < 10; ++i) {
        puts.push_back(t.ask<position>(words, put_atom_v, put_of({"key", vector_of(i), {}})));
        removals.push_back(t.ask<removal>(words, remove_atom_v, remove_of("key")));
      }
      t.run_shuffled(random);
      std::uint64_t last = 0;
      for (std::size_t i = 0; i < puts.size(); ++i) {
        const auto put = must(t.answer(puts[i]));
        const auto gone = must(t.answer(removals[i]));
        BOOST_TEST(put.number > last);
        BOOST_TEST(gone.at.number > put.number);
        BOOST_TEST(gone.removed == 1u);
        last = gone.at.number;
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_write_whose_deadline_passed_before_it_was_begun_is_not_done) {
  deterministic t;
  const auto words = t.collection();
  auto request = put_of(1);
  request.timeout = 10ms;
  // WRITER has taken the request, and not begun the transaction.
  const auto asked = t.ask<position>(words, put_atom_v, std::move(request));
  const auto patient = t.ask<position>(words, put_atom_v, put_of(2));
  std::mt19937 random{1};
  t.run_one(random);
  t.run_one(random);
  t.advance(11ms);
  t.run();
  BOOST_TEST(code_of(t.answer(asked)) == errc::deadline_exceeded);
  BOOST_TEST(code_of(t.answer(patient)) == errc::none);
  BOOST_TEST(!must(t.call<bool>(words, contains_atom_v, get_request{key_of(1), {}})));
  BOOST_TEST(must(t.call<std::uint64_t>(words, size_atom_v)) == 1u);
}

BOOST_AUTO_TEST_CASE(more_writes_than_may_wait_are_answered_overloaded_and_are_not_done) {
  auto options = scheduled_options();
  options.max_waiting_writes = 4;
  deterministic t{options};
  const auto words = t.collection();
  std::vector<pending<position>> asked;
  for (int i = 0; i < 10; ++i)
    asked.push_back(t.ask<position>(words, put_atom_v, put_of(i)));
  t.run();
  std::uint64_t done = 0;
  std::uint64_t refused = 0;
  for (auto each : asked) {
    const auto code = code_of(t.answer(each));
    done += code == errc::none ? 1 : 0;
    refused += code == errc::overloaded ? 1 : 0;
  }
  BOOST_TEST(done >= 4u);
  BOOST_TEST(refused > 0u);
  BOOST_TEST(done + refused == 10u);
  BOOST_TEST(must(t.call<std::uint64_t>(words, size_atom_v)) == done);
  // Once they are committed there is room again.
  BOOST_TEST(code_of(t.call<position>(words, put_atom_v, put_of(20))) == errc::none);
}

BOOST_AUTO_TEST_CASE(more_bytes_than_may_wait_are_answered_overloaded) {
  auto options = scheduled_options();
  options.max_waiting_bytes = 100;
  deterministic t{options};
  const auto words = t.collection();
  // Each carries 16 bytes of vector and 5 of its key.
  std::vector<pending<position>> asked;
  for (int i = 0; i < 6; ++i)
    asked.push_back(t.ask<position>(words, put_atom_v, put_of(i)));
  t.run();
  std::vector<errc> codes;
  for (auto each : asked)
    codes.push_back(code_of(t.answer(each)));
  BOOST_TEST(std::ranges::count(codes, errc::none) == 4);
  BOOST_TEST(std::ranges::count(codes, errc::overloaded) == 2);
}

BOOST_AUTO_TEST_CASE(one_call_of_more_than_half_of_the_bytes_is_too_large) {
  auto options = scheduled_options();
  options.max_waiting_bytes = 100;
  deterministic t{options};
  const auto words = t.collection();
  // Beside its key's 5 bytes and its vector's 16.
  const auto put_with = [&](std::size_t bytes) {
    return code_of(t.call<position>(words, put_atom_v, put_of(item_of(1, std::string(bytes, '1')))));
  };
  BOOST_TEST(put_with(30) == errc::too_large);
  BOOST_TEST(put_with(29) == errc::none);
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_validation_changes_nothing) {
  deterministic t;
  const auto words = t.collection();
  const auto before = stats_of(t, words).last_number;
  BOOST_TEST(code_of(t.call<position>(words, put_atom_v, put_of({"key", std::vector<float>{1, 2, 3}, {}})))
             == errc::dimension_mismatch);
  BOOST_TEST(code_of(t.call<position>(words, put_atom_v, put_of({"", vector_of(1), {}}))) == errc::invalid_key);
  BOOST_TEST(code_of(t.call<position>(words, put_atom_v, put_of({"key", vector_of(1), "{"})))
             == errc::invalid_metadata);
  BOOST_TEST(code_of(t.call<position>(words, metadata_atom_v, metadata_request{"nobody", "1"})) == errc::key_not_found);
  BOOST_TEST(stats_of(t, words).last_number == before);
}

BOOST_AUTO_TEST_SUITE_END()
