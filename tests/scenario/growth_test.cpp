// How the index of one database object follows the bases that another one publishes.

#include "tests/scenario/scenario.hpp"

#include <lodge/check.hpp>

#include <atomic>

using namespace lodge;
using namespace lodge::test;

namespace {

database_options growing(std::uint64_t growth) {
  database_options options;
  options.auto_compaction = {1'000'000'000, 0, growth, std::chrono::milliseconds{0}};
  return options;
}

bool is_sound(const std::string& path) {
  bool sound = true;
  const auto checked = check(path, [&](const finding& what) { sound = sound && what.sound; });
  return sound && checked && *checked;
}

} // namespace

BOOST_AUTO_TEST_SUITE(growth)

BOOST_AUTO_TEST_CASE(a_published_base_is_taken_over_by_those_who_have_the_vectors) {
  const scratch_directory directory;
  auto writing = open_file(directory.file());
  auto reading = open_file(directory.file());
  auto mine = must(writing.collection("c", shape(8)));
  const auto theirs = must(reading.collection("c"));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(5'000, 8, 50);
  must(theirs.search(vectors[0]));
  put_all(mine, std::span{vectors}.first(4'000), &model);
  for (const std::size_t published : {4'000U, 5'000U}) {
    must(mine.compact());
    BOOST_TEST(eventually([&] { return must(theirs.stats()).graph_vectors == published; }));
    BOOST_TEST(must(theirs.stats()).scanned_vectors == 0U);
    check_against(model, theirs, std::span{vectors}.first(50));
    if (published == 4'000)
      put_all(mine, std::span{vectors}.subspan(4'000), &model, 4'000);
  }
  // It can go on from there.
  must(must(reading.collection("c")).put("new", vectors[0]));
  model.put("new", vectors[0]);
  BOOST_TEST(must(must(reading.collection("c")).compact()).vectors == 5'001U);
  check_against(model, theirs, std::span{vectors}.first(50));
}

BOOST_AUTO_TEST_CASE(what_died_before_a_process_loaded_is_read_for_the_base_that_holds_it) {
  const scratch_directory directory;
  auto writing = open_file(directory.file(), growing(1'000));
  auto mine = must(writing.collection("c", shape(8)));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(4'000, 8, 51);
  put_all(mine, std::span{vectors}.first(3'500), &model);
  must(mine.search(vectors[0]));
  BOOST_TEST(eventually([&] { return must(mine.stats()).graph_vectors == 3'500U; }));
  for (std::size_t i = 0; i < 200; ++i) {
    must(mine.remove(key_of(i)));
    model.remove(key_of(i));
  }
  auto reading = open_file(directory.file());
  const auto theirs = must(reading.collection("c"));
  must(theirs.search(vectors[0]));
  BOOST_TEST(must(theirs.stats()).scanned_vectors == 3'300U);
  must(mine.compact());
  BOOST_TEST(eventually([&] { return must(theirs.stats()).graph_vectors == 3'500U; }));
  BOOST_TEST(must(theirs.stats()).dead_rows == 200U);
  check_against(model, theirs, std::span{vectors}.first(300));
  BOOST_TEST(found_first(theirs, std::span{vectors}.subspan(200, 3'300), 200, nearest(1)) >= 3'296U);
  // Rows that entered no graph before they died are swept.
  put_all(mine, std::span{vectors}.subspan(3'500), &model, 3'500);
  must(must(reading.collection("c")).compact());
  BOOST_TEST(must(theirs.stats()).dead_rows == 200U);
  must(must(reading.collection("c")).rebuild());
  BOOST_TEST(must(theirs.stats()).dead_rows == 0U);
  BOOST_TEST(must(theirs.stats()).base_vectors == 3'800U);
  check_against(model, mine, std::span{vectors}.first(300));
}

BOOST_AUTO_TEST_CASE(two_who_write_search_grow_and_compact_in_turn_lose_nothing) {
  const scratch_directory directory;
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(6'000, 8, 52);
  {
    database opened[] = {open_file(directory.file(), growing(300)), open_file(directory.file(), growing(500))};
    collection stored[] = {must(opened[0].collection("c", shape(8))), must(opened[1].collection("c"))};
    for (std::size_t round = 0; round < 30; ++round) {
      auto& mine = stored[round % 2];
      const auto rows = std::span{vectors}.subspan(round * 200, 200);
      put_all(mine, rows, &model, round * 200);
      for (std::size_t i = round * 150; i < round * 150 + 20; ++i) {
        must(mine.remove(key_of(i)));
        model.remove(key_of(i));
      }
      must(mine.search(vectors[0]));
      if (round % 3 == 2)
        must(stored[round % 4 / 2].compact());
      BOOST_TEST(model.mismatch(vectors[round], 10, must(mine.search(vectors[round], nearest(10, true)))) == "");
    }
    const auto last = must(stored[0].compact()).covers;
    for (const auto& each : stored)
      check_against(model, each, std::span{vectors}.first(100), 10, since(last));
    BOOST_TEST(must(stored[0].stats()).base_version >= 10U);
  }
  BOOST_TEST(is_sound(directory.file()));
}

BOOST_AUTO_TEST_CASE(what_has_grown_is_published_when_the_database_closes) {
  for (const bool wanted : {true, false}) {
    const scratch_directory directory;
    const auto vectors = clustered_vectors(3'000, 8, 53);
    auto options = growing(300);
    options.auto_compaction.idle = wanted ? std::chrono::minutes{10} : std::chrono::minutes{0};
    exact_model model{metric::l2};
    {
      auto opened = open_file(directory.file(), options);
      auto mine = must(opened.collection("c", shape(8)));
      put_all(mine, std::span{vectors}.first(2'900), &model);
      must(mine.search(vectors[0]));
      BOOST_TEST(eventually([&] { return must(mine.stats()).graph_vectors >= 2'600U; }));
      put_all(mine, std::span{vectors}.subspan(2'900), &model, 2'900);
      BOOST_TEST(must(mine.stats()).base_version == 0U);
      must_do(opened.close());
    }
    auto opened = open_file(directory.file());
    const auto mine = must(opened.collection("c"));
    BOOST_TEST(must(mine.stats()).base_vectors == (wanted ? 3'000U : 0U));
    BOOST_TEST(must(mine.stats()).changes_since_base == (wanted ? 0U : 3'000U));
    check_against(model, mine, std::span{vectors}.first(50));
    BOOST_TEST(is_sound(directory.file()));
  }
}

BOOST_AUTO_TEST_CASE(a_close_publishes_nothing_that_is_not_worth_it_or_would_take_long) {
  const scratch_directory directory;
  const auto vectors = clustered_vectors(6'000, 8, 54);
  // Few changes; many that are in no graph; a collection that was never searched.
  for (const auto& [rows, is_searched] : {std::pair{999U, true}, std::pair{5'000U, true}, std::pair{2'000U, false}}) {
    const auto name = std::to_string(rows);
    auto opened = open_file(directory.file(), growing(1'000'000));
    auto mine = must(opened.collection(name, shape(8)));
    put_all(mine, std::span{vectors}.first(rows));
    if (is_searched)
      must(mine.search(vectors[0]));
    must_do(opened.close());
    BOOST_TEST(must(must(open_file(directory.file()).collection(name)).stats()).base_version == 0U, name);
  }
}

BOOST_AUTO_TEST_CASE(loading_says_how_far_it_has_come) {
  const scratch_directory directory;
  const auto vectors = clustered_vectors(20'000, 4, 53);
  put_all(must(open_file(directory.file()).collection("c", shape(4))), vectors);
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> read{0};
  std::atomic<bool> in_order{true};
  auto options = only_on_request();
  options.on_loading = [&](const loading_progress& seen) {
    ++calls;
    const auto before = read.exchange(seen.vectors);
    if (seen.collection != "c" || seen.of != 20'000 || seen.vectors < before || seen.vectors > seen.of)
      in_order = false;
  };
  auto opened = open_file(directory.file(), options);
  const auto stored = must(opened.collection("c"));
  BOOST_TEST(calls == 0U);
  must(stored.search(vectors[0]));
  BOOST_TEST(in_order);
  BOOST_TEST(read == 20'000U);
  const auto after_loading = calls.load();
  must(stored.search(vectors[1]));
  BOOST_TEST(calls == after_loading);
}

BOOST_AUTO_TEST_SUITE_END()
