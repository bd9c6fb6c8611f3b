#include "storage/sidecar.hpp"
#include "tests/actors/requests.hpp"

#include <sqlite3.h>

using namespace lodge;
using namespace lodge::test;

namespace {

/// Runs SQL on the file as any SQLite tool would.
void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* raw = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
  const auto code = sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr);
  BOOST_TEST(code == SQLITE_OK, sqlite3_errmsg(raw));
  sqlite3_close(raw);
}

} // namespace

BOOST_AUTO_TEST_SUITE(compaction_failure)

BOOST_AUTO_TEST_CASE(a_compaction_waits_while_another_process_compacts) {
  deterministic t;
  const auto words = t.collection();
  put_all(t, words, 0, 5);
  const auto other = must(storage::sidecar::open(t.path()));
  must_do(other->take_compaction_role());
  const auto compacted = t.ask<compaction_report>(words, compact_atom_v);
  t.run();
  BOOST_TEST(!t.take(compacted));
  BOOST_TEST(stats_of(t, words).compaction == "waiting");
  BOOST_TEST(stats_of(t, words).compaction_error.starts_with("busy"));
  put_all(t, words, 5, 8);
  BOOST_TEST(finds(t, words, 7));
  t.advance(1h);
  t.run();
  BOOST_TEST(!t.take(compacted));
  other->end_compaction_role();
  t.advance(100 * t.options.restart_delay);
  t.run();
  BOOST_TEST(must(t.answer(compacted)).vectors == 8u);
  BOOST_TEST(stats_of(t, words).compaction_error == "");
  BOOST_TEST(stats_of(t, words).compaction == "idle");
  BOOST_TEST(finds(t, words, 2));
}

/// A collection in a file that says it gave out every number that a segment can have.
struct with_a_damaged_file : deterministic {
  explicit with_a_damaged_file(std::uint64_t changes) : deterministic(options_for(changes)) {
    put_all(*this, words, 0, 5);
    BOOST_REQUIRE(finds(*this, words, 2));
    run_sql(path(), "UPDATE file SET segments = 9223372036854775807");
  }
  static database_options options_for(std::uint64_t changes) {
    auto made = scheduled_options();
    made.auto_compaction = {changes, 0};
    return made;
  }
  void repair() { run_sql(path(), "UPDATE file SET segments = 0"); }
  collection_actor words = collection();
};

BOOST_AUTO_TEST_CASE(a_compaction_that_fails_is_answered_shown_and_tried_again) {
  with_a_damaged_file t{0};
  BOOST_TEST(code_of(t.call<compaction_report>(t.words, compact_atom_v)) == errc::corrupt);
  BOOST_TEST(stats_of(t, t.words).compaction_error.starts_with("corrupt"));
  BOOST_TEST(stats_of(t, t.words).compaction == "waiting");
  put_all(t, t.words, 5, 7);
  BOOST_TEST(finds(t, t.words, 0));
  BOOST_TEST(finds(t, t.words, 6));
  t.repair();
  t.advance(t.options.restart_delay - 1ms);
  t.run();
  BOOST_TEST(stats_of(t, t.words).compactions == 0u);
  t.advance(1ms);
  t.run();
  BOOST_TEST(stats_of(t, t.words).compactions == 1u);
  BOOST_TEST(stats_of(t, t.words).compaction_error == "");
  BOOST_TEST(stats_of(t, t.words).base_vectors == 7u);
}

BOOST_AUTO_TEST_CASE(a_failing_compaction_is_tried_again_after_a_pause_that_doubles) {
  with_a_damaged_file t{0};
  BOOST_TEST(code_of(t.call<compaction_report>(t.words, compact_atom_v)) == errc::corrupt);
  for (const auto pause : {50ms, 100ms, 200ms}) {
    t.advance(pause);
    t.run();
  }
  t.repair();
  t.advance(399ms);
  t.run();
  BOOST_TEST(stats_of(t, t.words).compactions == 0u);
  t.advance(1ms);
  t.run();
  BOOST_TEST(stats_of(t, t.words).compactions == 1u);
}

BOOST_AUTO_TEST_CASE(an_automatic_compaction_that_fails_disturbs_nobody_and_is_made_good) {
  with_a_damaged_file t{8};
  put_all(t, t.words, 5, 30);
  BOOST_TEST(stats_of(t, t.words).compactions == 0u);
  BOOST_TEST(stats_of(t, t.words).compaction_error.starts_with("corrupt"));
  for (int number = 0; number < 30; ++number)
    BOOST_TEST(finds(t, t.words, number));
  t.repair();
  t.advance(100 * t.options.restart_delay);
  t.run();
  BOOST_TEST(stats_of(t, t.words).compactions == 1u);
  BOOST_TEST(stats_of(t, t.words).compaction_error == "");
  for (int number = 0; number < 30; ++number)
    BOOST_TEST(finds(t, t.words, number));
}

BOOST_AUTO_TEST_CASE(a_compaction_that_failed_for_one_collection_holds_up_no_other) {
  deterministic t;
  const auto words = t.collection();
  put_all(t, words, 0, 5);
  // Nothing of it is in memory, so that the compaction reads its rows.
  run_sql(t.path(), "UPDATE vectors SET checksum = checksum + 1 WHERE label = (SELECT min(label) FROM vectors)");
  const auto others = t.collection("others");
  put_all(t, others, 0, 3);
  const auto bad = t.ask<compaction_report>(words, compact_atom_v);
  const auto good = t.ask<compaction_report>(others, compact_atom_v);
  t.run();
  BOOST_TEST(code_of(t.answer(bad)) == errc::corrupt);
  BOOST_TEST(must(t.answer(good)).vectors == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
