#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

/// Whether a call on a handle gives the error, now or once the news are there: a poll of the file lies between.
template <class Call>
bool comes_to(errc code, Call call) {
  return eventually([&] { return code_of(call()) == code; }, std::chrono::seconds{10});
}

} // namespace

BOOST_AUTO_TEST_SUITE(collections)

// 8
BOOST_AUTO_TEST_CASE(collections_that_share_keys_do_not_disturb_each_other) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto first = must(opened.collection("first", shape(4)));
  auto second = must(opened.collection("second", shape(4, metric::cosine)));
  exact_model first_model{metric::l2};
  exact_model second_model{metric::cosine};
  const auto vectors = clustered_vectors(2'000, 4, 8);
  const auto others = clustered_vectors(2'000, 4, 88);
  put_all(first, vectors, &first_model);
  put_all(second, others, &second_model);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 500; ++i) {
      const auto key = key_of(i + static_cast<std::size_t>(round) * 700);
      must(first.remove(key));
      first_model.remove(key);
    }
    check_against(first_model, first, std::span{others}.first(50));
    check_against(second_model, second, std::span{vectors}.first(50));
    BOOST_TEST(found_first(first, std::span{vectors}.last(500), 1'500, nearest(1)) >= 499U);
    must(first.compact());
    must(second.compact());
  }
  must(opened.drop_collection("first"));
  check_against(second_model, second, std::span{vectors}.first(50));
}

BOOST_AUTO_TEST_CASE(many_collections_live_side_by_side) {
  const scratch_directory directory;
  constexpr std::size_t count = 60;
  const auto vectors = clustered_vectors(20 * count, 8, 60);
  {
    auto opened = open_file(directory.file());
    in_threads(4, [&](std::size_t thread) -> std::string {
      for (std::size_t i = thread; i < count; i += 4) {
        auto stored = opened.collection("collection " + std::to_string(i), shape(8));
        if (!stored)
          return to_string(stored.error());
        for (std::size_t j = 0; j < 20; ++j)
          if (const auto put = stored->put(key_of(j), vectors[20 * i + j]); !put)
            return to_string(put.error());
        if (i % 3 == 0)
          if (const auto compacted = stored->compact(); !compacted)
            return to_string(compacted.error());
      }
      return {};
    });
    BOOST_TEST(must(opened.collections()).size() == count);
  }
  auto opened = open_file(directory.file());
  for (const auto& info : must(opened.collections())) {
    BOOST_TEST(info.items == 20U);
    BOOST_TEST(info.vectors == 20U);
  }
  for (std::size_t i = 0; i < count; ++i) {
    auto stored = must(opened.collection("collection " + std::to_string(i)));
    BOOST_TEST(found_first(stored, std::span{vectors}.subspan(20 * i, 20), 0, nearest(1)) == 20U);
  }
}

BOOST_AUTO_TEST_CASE(one_collection_opened_twice_is_the_same) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto first = must(opened.collection("c", shape(4)));
  auto second = must(opened.collection("c"));
  must(first.put("a", point(1)));
  BOOST_TEST(must(second.search(point(1))).at(0).key == "a");
  BOOST_TEST(must(opened.collections()).size() == 1U);
}

// 39
BOOST_AUTO_TEST_CASE(handles_of_a_dropped_collection_say_so) {
  const scratch_directory directory;
  auto here = open_file(directory.file());
  auto there = open_file(directory.file());
  auto mine = must(here.collection("c", shape(4)));
  auto theirs = must(there.collection("c"));
  const auto vectors = clustered_vectors(3'000, 4, 39);
  const auto loaded = put_all(mine, vectors);
  must(mine.compact());
  must(mine.search(vectors[0]));
  must(theirs.search(vectors[0], since(loaded)));
  must(here.drop_collection("c"));

  const std::vector<item> items{{"late", vectors[0], {}}};
  BOOST_TEST(code_of(mine.put(items)) == errc::collection_dropped);
  BOOST_TEST(code_of(mine.remove("key 1")) == errc::collection_dropped);
  BOOST_TEST(code_of(mine.search(vectors[0])) == errc::collection_dropped);
  BOOST_TEST(code_of(mine.get("key 1")) == errc::collection_dropped);
  BOOST_TEST(code_of(mine.size()) == errc::collection_dropped);
  BOOST_TEST(code_of(mine.compact()) == errc::collection_dropped);
  BOOST_TEST(comes_to(errc::collection_dropped, [&] { return theirs.search(vectors[0]); }));
  BOOST_TEST(code_of(theirs.put(items)) == errc::collection_dropped);
  BOOST_TEST(code_of(theirs.remove("key 1")) == errc::collection_dropped);
  BOOST_TEST(code_of(theirs.get("key 1")) == errc::collection_dropped);
  BOOST_TEST(code_of(theirs.contains("key 1")) == errc::collection_dropped);
  BOOST_TEST(code_of(theirs.scan()) == errc::collection_dropped);
  BOOST_TEST(code_of(theirs.size()) == errc::collection_dropped);
  BOOST_TEST(code_of(theirs.stats()) == errc::collection_dropped);
  BOOST_TEST(code_of(there.collection("c")) == errc::collection_not_found);
  BOOST_TEST(code_of(here.drop_collection("c")) == errc::collection_not_found);
  BOOST_TEST(must(there.collections()).empty());
}

// 39
BOOST_AUTO_TEST_CASE(a_collection_created_again_with_another_dimension_shows_nothing_of_the_old_one) {
  const scratch_directory directory;
  auto here = open_file(directory.file());
  auto there = open_file(directory.file());
  auto old_mine = must(here.collection("c", shape(4)));
  auto old_theirs = must(there.collection("c"));
  const auto loaded = put_all(old_mine, clustered_vectors(3'000, 4, 39));
  must(old_mine.compact());
  must(old_theirs.search(point(1), since(loaded)));
  must(here.drop_collection("c"));
  auto mine = must(here.collection("c", shape(8, metric::cosine)));
  exact_model model{metric::cosine};
  const auto vectors = clustered_vectors(200, 8, 93);
  const auto last = put_all(mine, vectors, &model);
  check_against(model, mine, vectors);
  BOOST_TEST(comes_to(errc::collection_dropped, [&] { return old_theirs.search(point(1)); }));
  BOOST_TEST(code_of(old_theirs.put("late", point(1))) == errc::collection_dropped);

  const auto again = there.collection("c", shape(8, metric::cosine));
  BOOST_TEST(code_of(again) == errc::none);
  if (again)
    check_against(model, *again, vectors, 10, since(last));
  // What the file still held of the old one is gone.
  BOOST_TEST(eventually([&] {
    raw_file raw{directory.file()};
    return raw.number("SELECT count(*) FROM items WHERE label <= " + std::to_string(loaded.number)) == 0
      && raw.number("SELECT count(*) FROM vectors WHERE label <= " + std::to_string(loaded.number)) == 0
      && raw.number("SELECT count(*) FROM chunks") == 0;
  }));
  check_against(model, mine, vectors);
}

BOOST_AUTO_TEST_CASE(a_collection_dropped_during_its_compaction_is_gone) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c", shape(16)));
  auto other = must(opened.collection("other", shape(4)));
  put_all(stored, clustered_vectors(10'000, 16, 9));
  errc outcome = errc::none;
  std::jthread compaction{[&] { outcome = code_of(collection{stored}.compact()); }};
  BOOST_REQUIRE(eventually([&] { return must(stored.stats()).compaction.starts_with("building"); }));
  must(opened.drop_collection("c"));
  compaction.join();
  BOOST_TEST(outcome == errc::collection_dropped);
  // The part that compacts goes on for the others.
  must(other.put("a", point(1)));
  BOOST_TEST(must(other.compact()).vectors == 1U);
  raw_file raw{directory.file()};
  BOOST_TEST(eventually([&] { return raw.number("SELECT count(*) FROM items") == 1; }));
}

BOOST_AUTO_TEST_SUITE_END()
