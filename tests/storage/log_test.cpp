// The merged log as storage::reader::log_after tells it.

#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/writer.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <sqlite3.h>

#include <map>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace lodge::storage {
std::ostream& operator<<(std::ostream& out, entry_kind kind) { return out << static_cast<int>(kind); }
} // namespace lodge::storage

namespace {

using floats = std::vector<float>;

struct logged_file : store {
  collection_id words = make("words", 2);

  void put(const std::vector<item>& items) {
    commit([&] { must(file->put(words, items)); });
  }
  void remove(const std::vector<std::string>& keys) {
    commit([&] { must(file->remove(words, keys)); });
  }
};

void check_entry(const log_entry& entry, std::uint64_t number, entry_kind kind, std::uint64_t died) {
  BOOST_TEST(entry.number == number);
  BOOST_TEST(entry.kind == kind);
  BOOST_TEST(entry.died == died);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(logs, logged_file)

BOOST_AUTO_TEST_CASE(every_kind_of_change_is_told_in_the_order_of_the_numbers) {
  put({{"a", floats{1, 2}}, {"b"}});
  remove({"b"});
  put({{"a", floats{3, 4}}});
  put({{"a"}});
  commit([&] { must(file->publish(words, {1, 1, 6, 0, {}})); });
  remove({"a"});
  commit([&] { must(file->drop_collection("words")); });
  const auto page = must(read->log_after(words, 0, false));
  BOOST_TEST(page.number == 9U);
  BOOST_TEST(!page.truncated);
  BOOST_REQUIRE(page.entries.size() == 9U);
  check_entry(page.entries[0], 1, entry_kind::create, 0);
  check_entry(page.entries[1], 2, entry_kind::put, 0);
  check_entry(page.entries[2], 3, entry_kind::put_without_vector, 0);
  check_entry(page.entries[3], 4, entry_kind::remove, 3);
  check_entry(page.entries[4], 5, entry_kind::put, 2);
  check_entry(page.entries[5], 6, entry_kind::put_without_vector, 5);
  check_entry(page.entries[6], 7, entry_kind::base, 0);
  check_entry(page.entries[7], 8, entry_kind::remove, 6);
  check_entry(page.entries[8], 9, entry_kind::drop, 0);
}

BOOST_AUTO_TEST_CASE(the_log_begins_after_the_number_asked_from) {
  put({{"a", floats{1, 2}}});
  put({{"a", floats{1, 2}}});
  remove({"a"});
  for (std::uint64_t from = 0; from <= 4; ++from) {
    const auto page = must(read->log_after(words, from, false));
    BOOST_TEST(page.entries.size() == 4 - from);
    BOOST_TEST(page.number == 4U);
  }
  BOOST_TEST(must(read->log_after(words, UINT64_MAX >> 1, false)).entries.empty());
}

BOOST_AUTO_TEST_CASE(puts_carry_their_rows_if_asked) {
  put({{"a", floats{1, 2}, "1"}, {"b"}});
  put({{"a", floats{3, 4}}});
  const auto with = must(read->log_after(words, words, true));
  BOOST_REQUIRE(with.entries.size() == 3U);
  // The row of a version that was replaced since is told too.
  BOOST_TEST(with.entries[0].key == "a");
  BOOST_TEST(with.entries[0].vector == (floats{1, 2}), boost::test_tools::per_element());
  BOOST_TEST(with.entries[1].vector.empty());
  BOOST_TEST(with.entries[2].key == "a");
  BOOST_TEST(with.entries[2].vector == (floats{3, 4}), boost::test_tools::per_element());
  for (const auto& entry : must(read->log_after(words, words, false)).entries) {
    BOOST_TEST(entry.key.empty());
    BOOST_TEST(entry.vector.empty());
  }
}

BOOST_AUTO_TEST_CASE(collections_do_not_hear_of_each_other_but_of_the_files_number) {
  const auto other = make("other", 2);
  put({{"a", floats{1, 2}}});
  const std::vector<item> items{{"a", floats{1, 2}}};
  const auto last = commit([&] { must(file->put(other, items)); });
  const auto page = must(read->log_after(words, words, true));
  BOOST_TEST(page.entries.size() == 1U);
  BOOST_TEST(page.entries[0].collection == words);
  BOOST_TEST(page.number == last);
  BOOST_TEST(must(read->log_after(other, other, true)).entries.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_log_that_was_cut_says_so_to_those_who_need_what_is_gone) {
  put({{"a", floats{1, 2}}});
  put({{"b", floats{1, 2}}});
  commit([&] { must(file->publish(words, {1, 1, 2, 0, {}})); });
  BOOST_TEST(!must(read->log_after(words, 0, false)).truncated);
  put({{"c", floats{1, 2}}});
  commit([&] { must(file->publish(words, {2, 2, 5, 2, {}})); });
  BOOST_TEST(must(read->log_after(words, 1, false)).truncated);
  BOOST_TEST(must(read->log_after(words, 1, false)).entries.empty());
  BOOST_TEST(must(read->log_after(words, 1, false)).number == 6U);
  BOOST_TEST(!must(read->log_after(words, 2, false)).truncated);
  BOOST_TEST(must(read->log_after(words, 2, false)).entries.size() == 4U);
}

BOOST_AUTO_TEST_CASE(an_entry_of_a_kind_that_is_not_known_is_of_a_newer_lodge) {
  sqlite3* on = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &on) == SQLITE_OK);
  for (const auto* kind : {"0", "7"}) {
    const auto text = std::string{"DELETE FROM pending WHERE number = 2; INSERT INTO pending VALUES (2, 1, "} + kind
      + "); UPDATE file SET sequence = 2";
    BOOST_REQUIRE(sqlite3_exec(on, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    BOOST_TEST(code_of(read->log_after(words, 0, false)) == errc::newer_format);
  }
  sqlite3_close(on);
}

BOOST_AUTO_TEST_CASE(replaying_the_log_in_pieces_gives_what_lives) {
  std::mt19937 random{17};
  std::map<std::uint64_t, std::string> replayed;
  std::map<std::string, bool> expected;
  std::uint64_t heard = 0;
  for (int round = 0; round < 200; ++round) {
    commit([&] {
      for (auto changes = random() % 4; changes > 0; --changes) {
        const auto key = "key" + std::to_string(random() % 20);
        if (random() % 3 == 0) {
          const std::vector<std::string> keys{key};
          must(file->remove(words, keys));
          expected.erase(key);
        } else {
          const bool has_vector = random() % 4 != 0;
          const std::vector<item> items{{key, has_vector ? std::optional{floats{1, 2}} : std::nullopt}};
          must(file->put(words, items));
          expected[key] = has_vector;
        }
      }
    });
    if (random() % 3 != 0)
      continue;
    const auto page = must(read->log_after(words, heard, true));
    for (const auto& entry : page.entries) {
      BOOST_TEST(entry.number > heard);
      heard = entry.number;
      replayed.erase(entry.died);
      if (entry.kind == entry_kind::put)
        replayed[entry.number] = entry.key;
    }
    heard = page.number;
    std::map<std::string, bool> living;
    for (const auto& [label, key] : replayed)
      BOOST_TEST(living.emplace(key, true).second);
    std::size_t with_vector = 0;
    for (const auto& [key, has_vector] : expected) {
      with_vector += has_vector ? 1 : 0;
      BOOST_TEST(living.count(key) == (has_vector ? 1U : 0U));
    }
    BOOST_TEST(living.size() == with_vector);
  }
}

BOOST_AUTO_TEST_SUITE_END()
