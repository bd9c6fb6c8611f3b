#include "storage/writer.hpp"

#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/snapshot.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

using floats = std::vector<float>;
using items = std::vector<item>;

struct shared_file : store {
  collection_id words = make("words", 2);

  static writer::clock::time_point at_once() { return writer::clock::now(); }

  std::uint64_t count(const std::string& from) {
    return static_cast<std::uint64_t>(sql(path, "SELECT count(*) FROM " + from));
  }

  /// The counters against what is counted.
  void check_counters() {
    const auto row = must(read->collections()).at(0);
    BOOST_TEST(row.info.items == count("items WHERE died_at IS NULL"));
    BOOST_TEST(row.info.vectors == count("items WHERE died_at IS NULL AND has_vector"));
    BOOST_TEST(count("items WHERE has_vector") == count("vectors"));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(transactions, shared_file)

BOOST_AUTO_TEST_CASE(nothing_is_seen_before_the_commit_and_all_after_it) {
  must_do(file->begin(at_once()));
  BOOST_TEST(file->in_transaction());
  must(file->put(words, items{{"a", floats{1, 1}}}));
  must(file->put(words, items{{"b", floats{1, 1}}}));
  BOOST_TEST(file->number() == 3U);
  BOOST_TEST(must(read->size(words)) == 0U);
  BOOST_TEST(!must(read->contains(words, "a")));
  BOOST_TEST(must(file->commit()) == 3U);
  BOOST_TEST(!file->in_transaction());
  BOOST_TEST(must(read->size(words)) == 2U);
  must_do(read->require({identity, 3}));
}

BOOST_AUTO_TEST_CASE(what_is_rolled_back_leaves_no_trace_in_rows_counters_and_numbers) {
  commit([&] { must(file->put(words, items{{"a", floats{1, 1}, "1"}})); });
  const auto before = must(read->figures(words));
  must_do(file->begin(at_once()));
  const std::vector<std::string> keys{"a"};
  must(file->put(words, items{{"b", floats{1, 1}}, {"a"}}));
  must(file->remove(words, keys));
  must(file->open_collection({"other", 2, metric::l2, 16, 200}));
  must(file->drop_collection("words"));
  file->roll_back();
  BOOST_TEST(!file->in_transaction());
  const auto after = must(read->figures(words));
  BOOST_TEST(after.number == before.number);
  BOOST_TEST(after.items == 1U);
  BOOST_TEST(after.vectors == 1U);
  BOOST_TEST(after.dead_rows == 0U);
  BOOST_TEST(after.log_entries == before.log_entries);
  BOOST_TEST(must(read->get(words, "a")).metadata == "1");
  BOOST_TEST(must(read->collections()).size() == 1U);
  // The numbers were given to nobody.
  BOOST_TEST(commit([&] { must(file->put(words, items{{"c"}})); }) == before.number + 1);
  check_counters();
}

BOOST_AUTO_TEST_CASE(a_request_that_fails_leaves_the_others_of_its_transaction) {
  const auto at = commit([&] {
    must(file->put(words, items{{"a", floats{1, 1}}}));
    BOOST_TEST(code_of(file->put_if(words, {"a", floats{2, 2}}, 77)) == errc::conflict);
    BOOST_TEST(code_of(file->update_metadata(words, "missing", "1")) == errc::key_not_found);
    BOOST_TEST(code_of(file->put(99, items{{"x"}, {"y"}})) == errc::collection_dropped);
    must(file->put(words, items{{"b", floats{1, 1}}}));
  });
  BOOST_TEST(at == 3U);
  BOOST_TEST(must(read->get(words, "a")).version.number == 2U);
  BOOST_TEST(must(read->get(words, "b")).version.number == 3U);
  BOOST_TEST(count("items") == 2U);
  check_counters();
}

BOOST_AUTO_TEST_CASE(a_batch_that_fails_half_way_is_undone_whole) {
  // A row of the batch's third label is in the way, as only damage can bring it there.
  sql(path, "INSERT INTO vectors VALUES (5, 0, x'00')");
  const auto at = commit([&] {
    must(file->put(words, items{{"a", floats{1, 1}}}));
    BOOST_TEST(!file->put(words, items{{"a"}, {"z", floats{5, 5}}, {"b", floats{1, 1}}}).has_value());
    BOOST_TEST(file->number() == 2U);
    BOOST_TEST(file->in_transaction());
    must(file->put(words, items{{"d"}}));
  });
  BOOST_TEST(at == 3U);
  BOOST_TEST(*must(read->get(words, "a")).vector == (floats{1, 1}), boost::test_tools::per_element());
  BOOST_TEST(!must(read->contains(words, "z")));
  BOOST_TEST(must(read->get(words, "d")).version.number == 3U);
  sql(path, "DELETE FROM vectors WHERE label = 5");
  check_counters();
}

BOOST_AUTO_TEST_CASE(a_batch_that_fails_half_way_spoils_a_transaction_that_undoes_nothing) {
  sql(path, "INSERT INTO vectors VALUES (5, 0, x'00')");
  const auto begin = [&] { must_do(file->begin(writer::clock::now() + std::chrono::seconds{5}, undoing::nothing)); };
  begin();
  must(file->put(words, items{{"a", floats{1, 1}}}));
  // What changed nothing spoils nothing.
  BOOST_TEST(code_of(file->put_if(words, {"a", floats{2, 2}}, 77)) == errc::conflict);
  BOOST_TEST(!file->is_spoiled());
  BOOST_TEST(!file->put(words, items{{"a"}, {"z", floats{5, 5}}, {"b", floats{1, 1}}}).has_value());
  BOOST_TEST(file->is_spoiled());
  BOOST_TEST(code_of(file->put(words, items{{"d"}})) == errc::internal);
  BOOST_TEST(code_of(file->commit()) == errc::internal);
  BOOST_TEST(!file->in_transaction());
  BOOST_TEST(count("items") == 0U);
  begin();
  BOOST_TEST(!file->is_spoiled());
  must(file->put(words, items{{"d"}}));
  BOOST_TEST(must(file->commit()) == 2U);
  sql(path, "DELETE FROM vectors WHERE label = 5");
  check_counters();
}

BOOST_AUTO_TEST_CASE(a_transaction_without_changes_takes_no_number) {
  BOOST_TEST(commit([] {}) == 1U);
  BOOST_TEST(commit([] {}) == 1U);
}

BOOST_AUTO_TEST_CASE(a_request_outside_a_transaction_writes_nothing) {
  BOOST_TEST(!file->put(words, items{{"a"}}).has_value());
  BOOST_TEST(count("items") == 0U);
  commit([&] { must(file->put(words, items{{"b"}})); });
  BOOST_TEST(!must(read->contains(words, "a")));
  check_counters();
}

BOOST_AUTO_TEST_CASE(a_writer_that_ends_in_a_transaction_rolls_it_back_and_gives_the_turn_back) {
  must_do(file->begin(at_once()));
  must(file->put(words, items{{"a"}}));
  file = must(writer::open(path));
  must_do(file->begin(at_once()));
  file->roll_back();
  BOOST_TEST(must(read->size(words)) == 0U);
}

BOOST_AUTO_TEST_CASE(two_writers_take_turns_and_share_the_numbers) {
  const auto other = must(writer::open(path));
  std::uint64_t last = 1;
  for (int round = 0; round < 40; ++round) {
    auto& turn = round % 2 == 0 ? *file : *other;
    must_do(turn.begin(at_once()));
    BOOST_TEST(must(turn.put(words, items{{"key" + std::to_string(round % 7), floats{1, 1}}})) == last + 1);
    last = must(turn.commit());
    BOOST_TEST(must(read->get(words, "key" + std::to_string(round % 7))).version.number == last);
  }
  BOOST_TEST(last == 41U);
  check_counters();
}

BOOST_AUTO_TEST_CASE(a_writer_is_busy_at_its_deadline_while_another_writes) {
  const auto other = must(writer::open(path));
  must_do(file->begin(at_once()));
  BOOST_TEST(code_of(other->begin(at_once())) == errc::busy);
  BOOST_TEST(code_of(other->begin(at_once() + std::chrono::milliseconds{20})) == errc::busy);
  BOOST_TEST(!other->in_transaction());
  must(file->put(words, items{{"a"}}));
  must(file->commit());
  must_do(other->begin(at_once()));
  other->roll_back();
}

BOOST_AUTO_TEST_CASE(a_file_that_was_upgraded_meanwhile_is_written_no_more) {
  commit([&] { must(file->put(words, items{{"a", floats{1, 1}}})); });
  sql(path, "PRAGMA user_version = " + std::to_string(format_version + 1));
  BOOST_TEST(code_of(file->begin(at_once())) == errc::newer_format);
  BOOST_TEST(!file->in_transaction());
  // The turn was given back, to others who may write.
  BOOST_TEST(code_of(must(writer::open(path))->begin(at_once())) == errc::newer_format);
}

BOOST_AUTO_TEST_CASE(a_write_that_the_disk_does_not_take_is_undone_and_works_later) {
  commit([&] { must(file->put(words, items{{"a", floats{1, 1}}})); });
  items many;
  for (int i = 0; i < 3'000; ++i)
    many.push_back({"key" + std::to_string(i), floats{1, 1}, "\"" + std::string(100, 'x') + "\""});
  must_do(file->begin(at_once()));
  must(file->put(words, many));
  // The system refuses to let any file grow beyond the present size of the WAL.
  rlimit before{};
  BOOST_REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{std::filesystem::file_size(path + "-wal"), before.rlim_max};
  BOOST_REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
  const auto committed = file->commit();
  BOOST_REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);

  BOOST_TEST((code_of(committed) == errc::io_error || code_of(committed) == errc::disk_full));
  BOOST_TEST(!file->in_transaction());
  BOOST_TEST(must(read->size(words)) == 1U);
  BOOST_TEST(count("items") == 1U);
  BOOST_TEST(commit([&] { must(file->put(words, many)); }) == 2U + many.size());
  BOOST_TEST(sql(path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
  check_counters();
}

BOOST_AUTO_TEST_CASE(a_checkpoint_moves_the_log_into_the_file_and_changes_nothing) {
  commit([&] { must(file->put(words, items{{"a", floats{1, 1}}})); });
  BOOST_TEST(std::filesystem::file_size(path + "-wal") > 0U);
  must_do(file->checkpoint_all(writer::clock::now() + std::chrono::seconds{5}));
  BOOST_TEST(std::filesystem::file_size(path + "-wal") == 0U);
  BOOST_TEST(must(read->size(words)) == 1U);
  // A small log is left alone, if not asked at any rate.
  commit([&] { must(file->put(words, items{{"b", floats{1, 1}}})); });
  must_do(file->checkpoint_if_grown());
  BOOST_TEST(must(read->size(words)) == 2U);
}

BOOST_AUTO_TEST_CASE(the_log_stays_bounded_under_readers_that_overlap_without_a_gap) {
  const auto stop = std::make_shared<std::atomic<bool>>(false);
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i)
    readers.emplace_back([this, stop, i] {
      std::this_thread::sleep_for(std::chrono::milliseconds{10 * i});
      while (!*stop) {
        const auto held = snapshot::open(path, words);
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
      }
    });
  const std::vector<std::uint8_t> mebibyte(1 << 20, 1);
  std::uint64_t segment = 0;
  commit([&] { segment = must(file->new_segment()); });
  std::uintmax_t largest = 0;
  for (std::uint64_t ordinal = 0; ordinal < 200; ++ordinal) {
    commit([&] { must_do(file->add_chunk({words, segment, ordinal, mebibyte})); });
    must_do(file->checkpoint_if_grown());
    largest = std::max(largest, std::filesystem::file_size(path + "-wal"));
  }
  *stop = true;
  BOOST_TEST(largest < std::uintmax_t{100} << 20);
}

BOOST_AUTO_TEST_CASE(opening_and_reading_need_a_file) {
  BOOST_TEST(code_of(reader::open(directory.file("missing"))) == errc::file_not_found);
  BOOST_TEST(code_of(writer::open(directory.file("missing"))) == errc::file_not_found);
  BOOST_TEST(!std::filesystem::exists(directory.file("missing")));
}

BOOST_AUTO_TEST_SUITE_END()
