#include "tests/scenario/raw_file.hpp"
#include "tests/support/files.hpp"
#include "tests/torture/points.hpp"
#include "tests/torture/servant.hpp"
#include "tests/torture/told_process.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

/// Processes that are killed or stopped at one named point each. This process never has a database open itself.
namespace {

using namespace lodge::torture;
using lodge::test::raw_file;
using lodge::test::scratch_directory;
using std::chrono::milliseconds;
using std::chrono::seconds;
using clock_type = std::chrono::steady_clock;

constexpr unsigned items = 1'300;

bool is_ok(const std::string& answer) { return answer.starts_with("ok"); }

/// A closed file with a base of two chunks, and some changes after it: 0 changed, 1 removed, `items` new.
void make_file(const std::string& path) {
  told_process maker{path};
  BOOST_REQUIRE(is_ok(maker.ask("fill 0 " + std::to_string(items))));
  BOOST_REQUIRE(is_ok(maker.ask("compact")));
  BOOST_REQUIRE(is_ok(maker.ask("change 0")));
  BOOST_REQUIRE_EQUAL(maker.ask("remove 1"), "ok 1");
  BOOST_REQUIRE(is_ok(maker.ask("put " + std::to_string(items))));
  BOOST_REQUIRE_EQUAL(maker.end(), 0);
}

/// What every process must see of `make_file`.
void check_made(told_process& who) {
  BOOST_TEST(who.ask("search_changed 0") == "ok " + key_of(0));
  BOOST_TEST(who.ask("search 0") != "ok " + key_of(0));
  BOOST_TEST(who.ask("search 1") != "ok " + key_of(1));
  BOOST_TEST(who.ask("search 2") == "ok " + key_of(2));
  BOOST_TEST(who.ask("search " + std::to_string(items)) == "ok " + key_of(items));
}

bool stops(told_process& who) {
  for (int i = 0; i < 15'000 && !who.itself().is_stopped(); ++i)
    std::this_thread::sleep_for(milliseconds{2});
  return who.itself().is_stopped();
}

bool is_found(told_process& by, unsigned number) {
  const auto question = "search " + std::to_string(number);
  for (int i = 0; i < 15'000 && by.ask(question) != "ok " + key_of(number); ++i)
    std::this_thread::sleep_for(milliseconds{2});
  return by.ask(question) == "ok " + key_of(number);
}

} // namespace

BOOST_AUTO_TEST_SUITE(torture)

BOOST_AUTO_TEST_CASE(a_compactor_killed_before_in_and_after_the_swap_leaves_the_old_base_or_the_new_one) {
  const scratch_directory scratch;
  make_file(scratch.file("made.lodge"));
  for (const auto* statement : {"chunk", "publish"})
    for (const auto& moment : moments()) {
      // The second of two chunks.
      const auto point = std::string{statement} + ":" + moment + (statement == std::string{"chunk"} ? ":2" : ":1");
      BOOST_TEST_CONTEXT(point) {
        const auto path = scratch.file(std::string{statement} + moment + ".lodge");
        std::filesystem::copy_file(scratch.file("made.lodge"), path);
        told_process victim{path, "kill", point};
        BOOST_TEST(victim.ask("compact") == "ended");
        BOOST_TEST(was_killed(victim.end()));
        const auto is_published = statement == std::string{"publish"} && moment == "committed";
        told_process heir{path};
        BOOST_TEST(heir.ask("version") == (is_published ? "ok 2" : "ok 1"));
        check_made(heir);
        BOOST_TEST(heir.ask("size") == "ok " + std::to_string(items));
        BOOST_TEST(heir.ask("check") == "ok sound");
        BOOST_TEST(is_ok(heir.ask("compact")));
        BOOST_TEST(heir.ask("version") == "ok 2");
        check_made(heir);
        BOOST_TEST(heir.ask("size") == "ok " + std::to_string(items));
        BOOST_TEST(heir.end() == 0);
        // What the victim left unpublished is gone.
        BOOST_TEST(raw_file{path}.number("SELECT count(DISTINCT segment) FROM chunks") == 1);
      }
    }
}

BOOST_AUTO_TEST_CASE(the_role_of_a_compactor_that_is_killed_is_free_at_once) {
  const scratch_directory scratch;
  const auto path = scratch.file();
  make_file(path);
  told_process compactor{path, "stop", "gather:before"};
  compactor.tell("compact");
  BOOST_REQUIRE(stops(compactor));
  told_process waiting{path};
  waiting.tell("compact");
  BOOST_TEST(waiting.answer(milliseconds{700}) == "no answer");
  compactor.itself().kill();
  told_process other{path};
  check_made(other);
  const auto killed = clock_type::now();
  BOOST_TEST(is_ok(other.ask("compact")));
  // One that was refused the role would try again after longer and longer pauses, up to 5 s.
  BOOST_TEST((clock_type::now() - killed < seconds{4}));
  BOOST_TEST(is_ok(waiting.answer(seconds{30})));
  check_made(waiting);
  BOOST_TEST(other.ask("check") == "ok sound");
}

BOOST_AUTO_TEST_CASE(a_compactor_that_was_stopped_publishes_nothing_out_of_date_when_it_continues) {
  const scratch_directory scratch;
  const auto path = scratch.file();
  make_file(path);
  told_process compactor{path, "stop", "gather:before"};
  compactor.tell("compact");
  BOOST_REQUIRE(stops(compactor));
  told_process writer{path};
  BOOST_TEST(is_ok(writer.ask("change 10")));
  BOOST_TEST(writer.ask("remove 11") == "ok 1");
  BOOST_TEST(is_ok(writer.ask("put 5000")));
  compactor.itself().send(SIGCONT);
  BOOST_TEST(is_ok(compactor.answer()));
  BOOST_TEST(compactor.ask("version") == "ok 2");
  told_process fresh{path};
  for (auto* who : {&compactor, &writer, &fresh}) {
    check_made(*who);
    BOOST_TEST(who->ask("size") == "ok " + std::to_string(items));
    BOOST_TEST(who->ask("search_changed 10") == "ok " + key_of(10));
    BOOST_TEST(who->ask("search 10") != "ok " + key_of(10));
    BOOST_TEST(who->ask("search 11") != "ok " + key_of(11));
    BOOST_TEST(who->ask("search 5000") == "ok " + key_of(5000));
  }
  BOOST_TEST(fresh.ask("check") == "ok sound");
}

BOOST_AUTO_TEST_CASE(a_compactor_that_was_stopped_publishes_nothing_for_a_collection_that_was_dropped_meanwhile) {
  const scratch_directory scratch;
  const auto path = scratch.file();
  make_file(path);
  told_process compactor{path, "stop", "gather:before"};
  compactor.tell("compact");
  BOOST_REQUIRE(stops(compactor));
  told_process writer{path};
  BOOST_TEST(is_ok(writer.ask("renew")));
  BOOST_TEST(is_ok(writer.ask("put 7")));
  compactor.itself().send(SIGCONT);
  BOOST_TEST(compactor.answer() == "collection_dropped");
  BOOST_TEST(writer.ask("size") == "ok 1");
  BOOST_TEST(writer.ask("search 2") == "ok " + key_of(7));
  BOOST_TEST(is_ok(writer.ask("compact")));
  BOOST_TEST(writer.ask("search 2") == "ok " + key_of(7));
  BOOST_TEST(writer.ask("check") == "ok sound");
  BOOST_TEST(writer.end() == 0);
  BOOST_TEST(raw_file{path}.number("SELECT count(*) FROM items") == 1);
  BOOST_TEST(raw_file{path}.number("SELECT count(DISTINCT segment) FROM chunks") == 1);
}

namespace {

/// One process that is stopped at a point, and two beside it.
struct stopped_one {
  stopped_one(const std::string& made, const std::string& at, std::string told, bool writing)
    : path(made + "-" + at.substr(0, at.find(':'))), point(at), does(std::move(told)), holds_the_turn(writing) {
    std::filesystem::copy_file(made, path);
    sleeper = std::make_unique<told_process>(path, "stop", point);
    writer = std::make_unique<told_process>(path);
    searcher = std::make_unique<told_process>(path);
    check_made(*searcher);
    BOOST_TEST(is_ok(writer->ask("size")));
    sleeper->tell(does);
    BOOST_TEST(stops(*sleeper));
  }

  std::string path;
  std::string point;
  std::string does;
  bool holds_the_turn;
  std::unique_ptr<told_process> sleeper;
  std::unique_ptr<told_process> writer;
  std::unique_ptr<told_process> searcher;
};

} // namespace

BOOST_AUTO_TEST_CASE(beside_a_process_stopped_for_ten_seconds_searches_go_on_and_writes_go_on_or_get_busy) {
  const scratch_directory scratch;
  const auto made = scratch.file("made.lodge");
  make_file(made);
  std::vector<stopped_one> all;
  all.emplace_back(made, "put:after", "put 6000", true);
  all.emplace_back(made, "publish:committing", "compact", true);
  all.emplace_back(made, "gather:before", "compact", false);
  const auto until = clock_type::now() + seconds{10};
  for (auto& each : all)
    each.writer->tell("put 7000");
  while (clock_type::now() < until)
    for (auto& each : all)
      BOOST_TEST_CONTEXT(each.point) {
        check_made(*each.searcher);
        BOOST_REQUIRE(each.sleeper->itself().is_stopped());
        std::this_thread::sleep_for(milliseconds{200});
      }
  for (auto& each : all)
    BOOST_TEST_CONTEXT(each.point) {
      const auto written = each.writer->answer(seconds{0});
      if (each.holds_the_turn)
        BOOST_TEST(written == "busy");
      else
        BOOST_TEST(is_ok(written));
      each.sleeper->itself().send(SIGCONT);
      // The deadline of its put passed while it was stopped, within the commit; what comes first is answered, and done
      // it is in either case.
      const auto woken = each.sleeper->answer();
      BOOST_TEST((is_ok(woken) || (each.does == "put 6000" && woken == "outcome_unknown")), woken);
      BOOST_TEST(is_ok(each.writer->ask("put 8000")));
      // What others commit is seen a moment later.
      BOOST_TEST(is_found(*each.sleeper, 8000));
      BOOST_TEST(is_found(*each.searcher, 8000));
      BOOST_TEST((each.searcher->ask("search 6000") == "ok " + key_of(6000)) == (each.does == "put 6000"));
      BOOST_TEST((each.sleeper->ask("search 7000") == "ok " + key_of(7000)) == !each.holds_the_turn);
      const auto others = (each.does == "put 6000" ? 1U : 0U) + (each.holds_the_turn ? 0U : 1U);
      BOOST_TEST(each.searcher->ask("size") == "ok " + std::to_string(items + 1 + others));
      BOOST_TEST(each.searcher->ask("check") == "ok sound");
    }
}

BOOST_AUTO_TEST_SUITE_END()
