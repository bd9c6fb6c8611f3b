// COMPACTOR has others work on its graph: the outcome is that of a COMPACTOR that works alone.

#include "storage/reader.hpp"
#include "storage/snapshot.hpp"
#include "tests/actors/requests.hpp"
#include "tests/support/vectors.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::string_view worker = "lodge.build_worker";

database_options with_workers(unsigned workers) {
  auto options = scheduled_options();
  options.build_workers = workers;
  return options;
}

/// All segments of a file's only base.
std::vector<std::vector<std::uint8_t>> stored_segments(const std::string& path) {
  const auto collections = must(must(storage::reader::open(path))->collections());
  BOOST_REQUIRE(collections.size() == 1U);
  const auto stored = must(storage::snapshot::open(path, collections.front().id));
  const auto base = must(stored->base());
  BOOST_REQUIRE(base);
  std::vector<std::vector<std::uint8_t>> made;
  for (const auto& each : base->segments)
    made.push_back(must(stored->segment_bytes(each)));
  return made;
}

/// Two compactions, each growing or building something, in an order that the seed chooses.
std::vector<std::vector<std::uint8_t>> segments_built_by(unsigned workers, std::uint32_t seed) {
  deterministic t{with_workers(workers)};
  std::mt19937 random{seed};
  const auto words = t.collection();
  put_all(t, words, 0, 50);
  for (const int end : {50, 70}) {
    put_all(t, words, end - 20, end);
    const auto compacted = t.ask<compaction_report>(words, compact_atom_v);
    t.run_shuffled(random);
    must(t.answer(compacted));
  }
  for (int number = 0; number < 70; ++number)
    BOOST_TEST(finds(t, words, number));
  must(t.close());
  return stored_segments(t.path());
}

/// A collection whose compaction goes on until a worker has something to do.
struct in_the_middle_of_a_build : deterministic {
  explicit in_the_middle_of_a_build(std::uint32_t seed) : deterministic(with_workers(3)), random(seed) {
    put_all(*this, words, 0, 50);
    compactor = crew()->compactor;
    alive_before = living();
    compacted = ask<compaction_report>(words, compact_atom_v);
    while (!busy(worker))
      run_one(random);
    run_shuffled(random, random() % 40);
    while (!busy(worker))
      run_one(random);
  }
  void check_all() {
    for (int number = 0; number < 50; ++number)
      BOOST_TEST(finds(*this, words, number));
  }
  std::mt19937 random;
  collection_actor words = collection();
  compactor_actor compactor;
  std::size_t alive_before = 0;
  pending<compaction_report> compacted;
};

template <class Reply, class Handle, class... Ts>
Reply ask(caf::scoped_actor& self, const Handle& whom, Ts&&... request) {
  Reply made;
  self->request(whom, caf::infinite, std::forward<Ts>(request)...)
    .receive([&](Reply& reply) { made = std::move(reply); },
             [](const caf::error& failure) { BOOST_FAIL(to_string(from_caf(failure))); });
  return made;
}

/// With threads of their own, on a collection whose batches are worth it.
std::vector<std::vector<std::uint8_t>> segments_built_by_threads(unsigned workers) {
  const scratch_directory directory;
  database_options options;
  options.auto_compaction.changes = 0;
  options.build_workers = workers;
  put_request rows;
  for (auto& each : clustered_vectors(3'000, 8, 5))
    rows.items.push_back({std::to_string(rows.items.size()), std::move(each), {}});
  caf::actor_system_config config;
  register_types(config);
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  const auto database = must(open_database(system, directory.file(), options));
  const auto words = ask<collection_actor>(self, database, open_atom_v, open_request{"words", {8, metric::l2, {}, 40}});
  ask<position>(self, words, put_atom_v, std::move(rows));
  ask<compaction_report>(self, words, compact_atom_v);
  ask<position>(self, database, close_atom_v);
  return stored_segments(directory.file());
}

} // namespace

BOOST_AUTO_TEST_SUITE(build_workers)

BOOST_AUTO_TEST_CASE(a_base_is_the_same_for_any_number_of_workers_in_any_order) {
  const auto expected = segments_built_by(1, 1);
  BOOST_TEST(expected.size() == 1U);
  for (const unsigned workers : {2U, 3U, 7U})
    for (std::uint32_t seed = 1; seed <= 5; ++seed)
      BOOST_TEST((segments_built_by(workers, seed) == expected), workers << " workers, seed " << seed);
}

BOOST_AUTO_TEST_CASE(a_base_is_the_same_for_any_number_of_threads) {
  const auto expected = segments_built_by_threads(1);
  for (const unsigned workers : {0U, 2U, 5U})
    BOOST_TEST((segments_built_by_threads(workers) == expected), workers << " workers");
}

BOOST_AUTO_TEST_CASE(workers_end_with_the_build) {
  deterministic t{with_workers(3)};
  const auto words = t.collection();
  put_all(t, words, 0, 50);
  const auto before = t.living();
  must(t.call<compaction_report>(words, compact_atom_v));
  BOOST_TEST(t.living() == before);
}

BOOST_AUTO_TEST_CASE(a_worker_that_dies_fails_the_compaction_which_is_tried_again_and_nothing_is_lost) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      in_the_middle_of_a_build t{seed};
      caf::anon_send_exit(t.busy(worker), caf::exit_reason::kill);
      t.run_shuffled(t.random);
      const auto outcome = t.answer(t.compacted);
      BOOST_TEST(code_of(outcome) == errc::unavailable);
      BOOST_TEST(stats_of(t, t.words).compaction_error.starts_with("unavailable"));
      BOOST_TEST(stats_of(t, t.words).base_version == 0U);
      // The others have ended too.
      BOOST_TEST(t.living() == t.alive_before);
      t.check_all();
      t.restart_parts();
      BOOST_TEST(stats_of(t, t.words).base_vectors == 50U);
      BOOST_TEST(stats_of(t, t.words).compaction_error == "");
      BOOST_TEST(t.living() == t.alive_before);
      t.check_all();
    }
  }
}

BOOST_AUTO_TEST_CASE(workers_end_with_their_compactor) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      in_the_middle_of_a_build t{seed};
      t.kill(t.compactor);
      t.run_shuffled(t.random);
      BOOST_TEST(t.living() == t.alive_before - 1);
      t.restart_parts();
      BOOST_TEST(t.living() == t.alive_before);
      must(t.call<compaction_report>(t.words, compact_atom_v));
      BOOST_TEST(stats_of(t, t.words).base_vectors == 50U);
      t.check_all();
    }
  }
}

BOOST_AUTO_TEST_CASE(closing_ends_a_build_that_workers_are_at) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      in_the_middle_of_a_build t{seed};
      const auto closed = t.ask<position>(t.database, close_atom_v);
      t.run_shuffled(t.random);
      must(t.answer(closed));
      BOOST_TEST(code_of(t.answer(t.compacted)) == errc::closed);
      t.words = nullptr;
      t.database = nullptr;
      t.run();
      BOOST_TEST(t.living() == 1U);
      t.open();
      t.words = t.collection();
      t.check_all();
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
