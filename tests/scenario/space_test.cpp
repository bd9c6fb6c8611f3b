#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"

#include <algorithm>

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::uint64_t megabyte = 1'000'000;

} // namespace

BOOST_AUTO_TEST_SUITE(space)

// 29
BOOST_AUTO_TEST_CASE(a_compaction_that_fails_is_told_of_and_tried_again_while_all_else_goes_on) {
  const scratch_directory directory;
  auto options = only_on_request();
  options.restart_delay = std::chrono::milliseconds{5};
  auto opened = open_file(directory.file(), options);
  auto stored = must(opened.collection("c", shape(4)));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(500, 4, 29);
  put_all(stored, vectors, &model);
  must(stored.search(vectors[0]));

  raw_file raw{directory.file()};
  raw.run("UPDATE file SET segments = 9223372036854775807");
  const auto failed = stored.compact();
  BOOST_REQUIRE_EQUAL(code_of(failed), errc::corrupt);
  BOOST_TEST(failed.error().detail.find("9223372036854775807") != std::string::npos);
  auto stats = must(stored.stats());
  BOOST_TEST(stats.compaction_error.find("corrupt") != std::string::npos);
  BOOST_TEST(stats.compaction != "idle");
  BOOST_TEST(stats.base_version == 0U);
  must(stored.put("more", vectors[0]));
  model.put("more", vectors[0]);
  for (const auto& query : vectors)
    BOOST_TEST(model.mismatch(query, 5, must(stored.search(query, nearest(5, true)))) == "");

  // By itself, once the cause is gone.
  raw.run("UPDATE file SET segments = 0");
  BOOST_TEST(eventually([&] {
    stats = must(stored.stats());
    return stats.compactions == 1 && stats.compaction == "idle";
  }));
  BOOST_TEST(stats.compaction_error == "");
  BOOST_TEST(stats.base_vectors == vectors.size() + 1);
  check_against(model, stored, vectors);
}

BOOST_AUTO_TEST_CASE(a_compaction_that_meets_a_damaged_row_names_it_and_is_made_good) {
  const scratch_directory directory;
  auto options = only_on_request();
  options.restart_delay = std::chrono::milliseconds{5};
  auto opened = open_file(directory.file(), options);
  auto stored = must(opened.collection("c", shape(4)));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(500, 4, 29);
  put_all(stored, vectors, &model);
  const auto label = std::to_string(must(stored.get(key_of(77))).version.number);

  raw_file raw{directory.file()};
  raw.run("UPDATE vectors SET checksum = checksum + 1 WHERE label = " + label);
  // Nothing was searched for, so that it reads the file.
  const auto failed = stored.compact();
  BOOST_REQUIRE_EQUAL(code_of(failed), errc::corrupt);
  BOOST_TEST(failed.error().detail.find(label) != std::string::npos);
  auto stats = must(stored.stats());
  BOOST_TEST(stats.compaction_error.find("corrupt") != std::string::npos);
  BOOST_TEST(stats.base_version == 0U);
  raw.run("UPDATE vectors SET checksum = checksum - 1 WHERE label = " + label);
  BOOST_TEST(eventually([&] {
    stats = must(stored.stats());
    return stats.compactions == 1 && stats.compaction == "idle";
  }));
  check_against(model, stored, vectors);
}

// 33
BOOST_AUTO_TEST_CASE(removed_items_give_their_space_back_and_their_labels_never) {
  const scratch_directory directory;
  constexpr std::size_t count = 4'000;
  const auto vectors = clustered_vectors(count, 64, 33);
  exact_model model{metric::l2};
  std::uint64_t highest = 0;
  collection_stats full;
  {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(64)));
    put_all(stored, vectors, &model);
    must(stored.compact());
    full = must(stored.stats());
    BOOST_TEST(full.dead_rows == 0U);
  }
  // Closed, since all is in the one file then.
  const auto full_bytes = std::filesystem::file_size(directory.file());
  {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c"));
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < count / 2; ++i)
      keys.push_back(key_of(i));
    highest = must(stored.remove(keys, std::chrono::seconds{60})).at.number;
    for (const auto& key : keys)
      model.remove(key);
    BOOST_TEST(must(stored.stats()).dead_rows == keys.size());
    must(stored.compact());
    const auto half = must(stored.stats());
    BOOST_TEST(half.dead_rows == 0U);
    BOOST_TEST(half.base_vectors == count / 2);
    BOOST_TEST(half.base_bytes < full.base_bytes * 6 / 10);
    check_against(model, stored, std::span{vectors}.first(100));
  }
  BOOST_TEST(std::filesystem::file_size(directory.file()) < full_bytes * 7 / 10);
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c"));
  check_against(model, stored, std::span{vectors}.first(100));
  // Nothing at all is left, and still no number comes again.
  for (std::size_t i = count / 2; i < count; ++i)
    highest = must(stored.remove(key_of(i))).at.number;
  must(stored.compact());
  BOOST_TEST(must(stored.stats()).base_vectors == 0U);
  BOOST_TEST(must(stored.search(vectors[0])).empty());
  BOOST_TEST(must(stored.put("new", vectors[0])).number > highest);
  const auto version = must(stored.get("new")).version.number;
  BOOST_TEST(version > highest);
  must(stored.put("new", vectors[1]));
  BOOST_TEST(must(stored.get("new")).version.number > version);
}

// 41
BOOST_AUTO_TEST_CASE(a_key_put_and_removed_many_thousand_times_takes_no_lasting_space) {
  const scratch_directory directory;
  auto opened = open_file(directory.file(), {});
  auto stored = must(opened.collection("c", shape(16)));
  const auto vectors = clustered_vectors(100, 16, 41);
  put_all(stored, vectors);
  must(stored.search(vectors[0]));
  std::uint64_t most_dead = 0;
  constexpr std::size_t batch = 500;
  for (std::size_t round = 0; round < 100; ++round) {
    must(stored.put(std::vector<item>(batch, item{"restless", vectors[round], {}})));
    must(stored.remove("restless"));
    most_dead = std::max(most_dead, must(stored.stats()).dead_rows);
  }
  BOOST_TEST(eventually([&] { return must(stored.stats()).compaction == "idle"; }));
  // 50,000 rows died; far fewer were there at any time.
  BOOST_TEST(most_dead < 25'000U);
  must(stored.compact());
  const auto stats = must(stored.stats());
  BOOST_TEST(stats.dead_rows == 0U);
  BOOST_TEST(stats.items == vectors.size());
  BOOST_TEST(stats.graph_vectors + stats.scanned_vectors == vectors.size());
  BOOST_TEST(must(stored.search(vectors[0], nearest(1'000))).size() == vectors.size());
  BOOST_TEST(found_first(stored, vectors, 0, nearest(1)) == vectors.size());
  must_do(opened.close());
  BOOST_TEST(std::filesystem::file_size(directory.file()) < megabyte);
}

BOOST_AUTO_TEST_CASE(the_write_ahead_log_stays_small_however_much_is_written) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(1'000)));
  const auto vectors = clustered_vectors(500, 1'000, 42);
  std::uint64_t most_bytes = 0;
  for (std::size_t round = 0; round < 20; ++round) {
    put_all(stored, vectors, nullptr, round * vectors.size(), 100);
    most_bytes = std::max(most_bytes, must(stored.stats()).wal_bytes);
  }
  const auto stats = must(stored.stats());
  BOOST_TEST(stats.file_bytes > 30 * megabyte);
  BOOST_TEST(most_bytes < 16 * megabyte);
}

BOOST_AUTO_TEST_SUITE_END()
