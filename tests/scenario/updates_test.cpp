#include "tests/scenario/scenario.hpp"

using namespace lodge;
using namespace lodge::test;

BOOST_AUTO_TEST_SUITE(updates)

// 1
BOOST_AUTO_TEST_CASE(a_vector_of_the_base_updated_far_away_ranks_by_its_new_place_everywhere) {
  const scratch_directory directory;
  auto here = open_file(directory.file());
  auto there = open_file(directory.file());
  auto mine = must(here.collection("c", shape(8)));
  auto theirs = must(there.collection("c"));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(3'000, 8, 1);
  const auto loaded = put_all(mine, vectors, &model);
  must(mine.compact());
  must(mine.search(vectors[0]));
  must(theirs.search(vectors[0], since(loaded)));

  const std::vector<float> far(8, 100);
  model.put(key_of(0), far);
  const auto at = must(mine.put(key_of(0), far));
  for (const bool exact : {true, false}) {
    for (const auto& [stored, options] :
         {std::pair{mine, nearest(10, exact)}, std::pair{theirs, since(at, nearest(10, exact))}}) {
      for (const auto& hit : must(stored.search(vectors[0], options)))
        BOOST_TEST(hit.key != key_of(0));
      const auto nearest_to_new = must(stored.search(far, options));
      BOOST_TEST(nearest_to_new.front().key == key_of(0));
      BOOST_TEST(nearest_to_new.front().score == 0);
    }
  }
  check_against(model, mine, std::vector{vectors[0], far});
  check_against(model, theirs, std::vector{vectors[0], far}, 10, since(at));
}

// 2
BOOST_AUTO_TEST_CASE(a_key_updated_before_any_compaction_is_one_hit_with_its_new_distance) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  must(stored.put("a", point(1)));
  must(stored.put("b", point(2)));
  must(stored.search(point(0)));
  must(stored.put("a", point(5)));
  for (const bool exact : {true, false}) {
    const auto hits = must(stored.search(point(0), nearest(10, exact)));
    BOOST_REQUIRE_EQUAL(hits.size(), 2U);
    BOOST_TEST(hits[0].key == "b");
    BOOST_TEST(hits[0].score == 2);
    BOOST_TEST(hits[1].key == "a");
    BOOST_TEST(hits[1].score == 5);
  }
}

BOOST_AUTO_TEST_CASE(a_key_that_comes_twice_in_a_batch_has_the_last_of_its_values) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  must(stored.search(point(0)));
  std::vector<item> items{{"a", point(1), "1"}, {"b", point(3), "3"}, {"a", point(2), "2"}};
  must(stored.put(items));
  const auto hits = must(stored.search(point(0)));
  BOOST_REQUIRE_EQUAL(hits.size(), 2U);
  BOOST_TEST(hits[0].key == "a");
  BOOST_TEST(hits[0].score == 2);
  BOOST_TEST(must(stored.get("a")).metadata == "2");
  BOOST_TEST(must(stored.size()) == 2U);
}

// 3
BOOST_AUTO_TEST_CASE(a_compacted_key_removed_and_put_again_is_found_at_once_and_ever_after) {
  const scratch_directory directory;
  const auto vectors = clustered_vectors(2'000, 8, 3);
  const auto again = std::span{vectors}.first(300);
  {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(8)));
    put_all(stored, vectors);
    must(stored.compact());
    for (std::size_t i = 0; i < again.size(); ++i) {
      BOOST_TEST(must(stored.remove(key_of(i))).removed == 1U);
      must(stored.put(key_of(i), again[i]));
      const auto hits = must(stored.search(again[i], nearest(1)));
      BOOST_TEST(hits.at(0).key == key_of(i));
      BOOST_TEST(hits.at(0).score == 0);
    }
    // With the log cut past the removal and the put.
    must(stored.compact());
    must(stored.compact());
    BOOST_TEST(must(stored.stats()).log_entries <= 1U);
    BOOST_TEST(found_first(stored, again, 0, nearest(1, true)) == again.size());
    BOOST_TEST(found_first(stored, again, 0, nearest(1)) >= again.size() - 1);
    must_do(opened.close());
  }
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c"));
  BOOST_TEST(found_first(stored, vectors, 0, nearest(1, true)) == vectors.size());
  BOOST_TEST(found_first(stored, vectors, 0, nearest(1)) >= vectors.size() * 999 / 1'000);
  BOOST_TEST(must(stored.size()) == vectors.size());
}

// 4
BOOST_AUTO_TEST_CASE(a_key_removed_twice_is_gone_without_an_error) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  must(stored.put("a", point(1)));
  must(stored.put("b", point(2)));
  BOOST_TEST(must(stored.remove("a")).removed == 1U);
  BOOST_TEST(must(stored.remove("a")).removed == 0U);
  must(stored.put("a", point(3)));
  BOOST_TEST(must(stored.remove(std::vector<std::string>{"a", "a", "nothing"})).removed == 1U);
  BOOST_TEST(code_of(stored.get("a")) == errc::key_not_found);
  BOOST_TEST(!must(stored.contains("a")));
  const auto hits = must(stored.search(point(3)));
  BOOST_REQUIRE_EQUAL(hits.size(), 1U);
  BOOST_TEST(hits[0].key == "b");
  must(stored.compact());
  BOOST_TEST(must(stored.search(point(3))).size() == 1U);
}

// 5
BOOST_AUTO_TEST_CASE(tombstones_nearest_to_the_query_cost_no_hit) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(8)));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(4'000, 8, 5, 4);
  put_all(stored, std::span{vectors}.first(3'000), &model);
  must(stored.compact());
  put_all(stored, std::span{vectors}.subspan(3'000), &model, 3'000);
  const auto& query = vectors[17];
  for (const std::size_t dead : {500U, 1'500U, 1'900U}) {
    std::vector<std::string> keys;
    for (const auto& [score, key] : model.nearest(query, dead))
      keys.push_back(key);
    for (const auto& key : keys)
      model.remove(key);
    BOOST_TEST(must(stored.remove(keys)).removed == dead);
    for (const std::size_t k : {1U, 10U, 90U, 200U}) {
      const auto exact = must(stored.search(query, nearest(static_cast<std::int64_t>(k), true)));
      BOOST_TEST(model.mismatch(query, k, exact) == "");
      const auto approximate = must(stored.search(query, nearest(static_cast<std::int64_t>(k))));
      BOOST_TEST(approximate.size() == std::min(k, model.vectors()));
      for (const auto& hit : approximate)
        BOOST_TEST(model.entries().contains(hit.key));
    }
  }
}

// 6
BOOST_AUTO_TEST_CASE(a_removal_by_one_that_only_opened_the_file_is_seen_by_all) {
  const scratch_directory directory;
  auto searching = open_file(directory.file());
  auto mine = must(searching.collection("c", shape(8)));
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(2'000, 8, 6);
  put_all(mine, vectors, &model);
  must(mine.compact());
  must(mine.search(vectors[0]));

  auto removing = open_file(directory.file());
  auto theirs = must(removing.collection("c"));
  const auto removed = must(theirs.remove(key_of(42)));
  model.remove(key_of(42));
  for (const auto& stored : {mine, theirs}) {
    const auto hits = must(stored.search(vectors[42], since(removed.at)));
    BOOST_TEST(hits.size() == 10U);
    for (const auto& hit : hits)
      BOOST_TEST(hit.key != key_of(42));
    check_against(model, stored, std::span{vectors}.subspan(42, 1), 10, since(removed.at));
  }
}

// 7
BOOST_AUTO_TEST_CASE(items_without_a_vector_are_stored_and_never_hits) {
  const scratch_directory directory;
  exact_model model{metric::l2};
  const auto vectors = clustered_vectors(200, 4, 7);
  {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(4)));
    put_all(stored, vectors, &model);
    for (std::size_t i = 0; i < 50; ++i) {
      const item plain{"plain " + std::to_string(i), {}, R"({"n":)" + std::to_string(i) + "}"};
      must(stored.put(plain));
      model.put(plain.key, {}, plain.metadata);
    }
    check_against(model, stored, vectors, 300);
    must(stored.compact());
    check_against(model, stored, vectors, 300);
    must(stored.put(item{key_of(3), {}, {}}));
    model.put(key_of(3), {});
    must(stored.put("plain 3", vectors[3]));
    model.put("plain 3", vectors[3]);
    BOOST_TEST(must(stored.search(vectors[3], nearest(1))).at(0).key == "plain 3");
    check_against(model, stored, vectors, 300);
    const auto stats = must(stored.stats());
    BOOST_TEST(stats.items == 250U);
    BOOST_TEST(stats.vectors == 200U);
    must(stored.compact());
  }
  auto opened = open_file(directory.file());
  check_against(model, must(opened.collection("c")), vectors, 300);
}

BOOST_AUTO_TEST_CASE(new_metadata_leaves_the_vector_as_it_is) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  must(stored.put("a", point(1), R"({"old":1})"));
  must(stored.compact());
  must(stored.update_metadata("a", R"({"new":2})"));
  auto options = nearest(1);
  options.with_metadata = true;
  const auto hits = must(stored.search(point(1), options));
  BOOST_TEST(hits.at(0).score == 0);
  BOOST_TEST(hits.at(0).metadata == R"({"new":2})");
  BOOST_TEST((must(stored.get("a")).vector == point(1)));
  BOOST_TEST(code_of(stored.update_metadata("b", "{}")) == errc::key_not_found);
  BOOST_TEST(must(stored.size()) == 1U);
}

// 9
BOOST_AUTO_TEST_CASE(any_k_gives_as_many_hits_as_there_are) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(4)));
  const auto vectors = clustered_vectors(33'000, 4, 9);
  put_all(stored, vectors);
  for (const bool exact : {true, false}) {
    BOOST_TEST(must(stored.search(vectors[0], nearest(0, exact))).empty());
    BOOST_TEST(must(stored.search(vectors[0], nearest(32'999, exact))).size() == 32'999U);
    BOOST_TEST(must(stored.search(vectors[0], nearest(1'000'000'000'000, exact))).size() == 33'000U);
    BOOST_TEST(code_of(stored.search(vectors[0], nearest(-1, exact))) == errc::invalid_argument);
  }
  auto options = nearest(33'000);
  options.with_metadata = true;
  BOOST_TEST(must(stored.search(vectors[0], options)).size() == 33'000U);
  BOOST_TEST(must(stored.search(vectors[0], nearest(5))).size() == 5U);
}

BOOST_AUTO_TEST_SUITE_END()
