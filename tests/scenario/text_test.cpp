#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"

#include <lodge/check.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace lodge;
using namespace lodge::test;

namespace {

collection_options titled_shape() {
  auto made = shape(4);
  made.text_fields = {{"title"}};
  return made;
}

std::string titled(const std::string& text) { return "{\"title\": \"" + text + "\"}"; }

item book(const std::string& key, float x, const std::string& title) { return {key, point(x), titled(title)}; }

std::set<std::string> keys_of(const hits& found) {
  std::set<std::string> keys;
  for (const auto& each : found)
    keys.insert(each.key);
  return keys;
}

void check_sound(const std::string& path) {
  BOOST_TEST(
    must(check(path, [](const finding& what) { BOOST_TEST(what.sound, what.subject << ": " << what.detail); })));
}

/// Reciprocal rank fusion, written apart: the score of each key of two lists.
std::map<std::string, double> fused_scores(const hits& one, const hits& other, double constant) {
  std::map<std::string, double> scores;
  for (const auto* list : {&one, &other})
    for (std::size_t i = 0; i < list->size(); ++i)
      scores[(*list)[i].key] += 1 / (constant + static_cast<double>(i) + 1);
  return scores;
}

} // namespace

BOOST_AUTO_TEST_SUITE(text_searches)

BOOST_AUTO_TEST_CASE(a_search_for_words_reflects_every_write_acknowledged_before_it) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto books = must(opened.collection("books", titled_shape()));
  for (int i = 0; i < 300; ++i) {
    const auto word = std::string{"w"}.append(std::to_string(i));
    const auto at = must(books.put(book("a", static_cast<float>(i), "common " + word)));
    must(books.put(book(key_of(static_cast<std::size_t>(i)), 0, "common")));
    BOOST_TEST(keys_of(must(books.search_text(word))) == std::set<std::string>{"a"});
    const auto hybrid = must(books.search_hybrid(point(static_cast<float>(i)), word, nearest(1)));
    BOOST_TEST(hybrid.at(0).key == "a");
    BOOST_TEST(hybrid.at(0).score == 2.0F / 61, boost::test_tools::tolerance(1e-6F));
    BOOST_TEST(must(books.search_text(std::string{"w"}.append(std::to_string(i - 1)))).empty());
    BOOST_TEST(must(books.get("a")).version.number == at.number);
  }
  must(books.remove("a"));
  BOOST_TEST(must(books.search_text("w299")).empty());
  BOOST_TEST(must(books.search_text("common", nearest(1'000))).size() == 300u);
  must(books.update_metadata(key_of(7),
                             titled("Gr\xc3\xbc\xc3\x9f"
                                    "e")));
  BOOST_TEST(keys_of(must(books.search_text("GRU\xc3\x9f*"))) == std::set<std::string>{key_of(7)});
  must_do(opened.close());
  check_sound(directory.file());
}

BOOST_AUTO_TEST_CASE(a_hybrid_search_fuses_the_lists_of_both_searches_by_their_ranks) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto books = must(opened.collection("books", titled_shape()));
  std::mt19937 random{3};
  std::vector<item> items;
  for (std::size_t i = 0; i < 2'000; ++i) {
    std::string title;
    for (int words = 0; words < 6; ++words)
      title += std::string{"w"}.append(std::to_string(random() % 60)) + " ";
    items.push_back(book(key_of(i), static_cast<float>(random() % 10'000), title));
    if (i % 10 == 0)
      items.back().vector.reset();
  }
  must(books.put(items));
  must(books.compact());
  for (const auto& [constant, depth, k] :
       {std::tuple{60U, 0U, 10}, {60U, 300U, 20}, {1U, 50U, 50}, {0U, 5U, 3}, {1'000U, 0U, 0}}) {
    const fusion_options fusion{constant, depth};
    const auto taken = std::max<std::int64_t>(k, depth > 0 ? depth : std::max(100, 10 * k));
    for (int i = 0; i < 20; ++i) {
      const auto place = point(static_cast<float>(random() % 10'000));
      const auto text = std::string{"w"}.append(std::to_string(random() % 60)) + " w" + std::to_string(random() % 60);
      const auto expected = fused_scores(must(books.search(place, nearest(taken, true))),
                                         must(books.search_text(text, nearest(taken))), constant);
      auto options = nearest(k, true);
      options.with_metadata = i % 2 == 0;
      const auto got = must(books.search_hybrid(place, text, options, fusion));
      BOOST_TEST(got.size() == std::min<std::size_t>(static_cast<std::size_t>(k), expected.size()));
      std::vector<double> best;
      for (const auto& [key, score] : expected)
        best.push_back(score);
      std::ranges::sort(best, std::greater{});
      for (std::size_t j = 0; j < got.size(); ++j) {
        BOOST_TEST(got[j].score == best[j], boost::test_tools::tolerance(1e-6));
        BOOST_TEST(got[j].score == expected.at(got[j].key), boost::test_tools::tolerance(1e-6));
        BOOST_TEST(got[j].metadata == (options.with_metadata ? must(books.get(got[j].key)).metadata : ""));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(both_lists_of_a_hybrid_search_are_of_one_change_while_others_write_and_compact) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto books = must(opened.collection("books", titled_shape()));
  must(books.put({book("a", 0, "red"), book("b", 100, "blue")}));
  in_threads(4, [&](std::size_t number) -> std::string {
    for (int i = 0; i < 300; ++i) {
      if (number == 0) {
        // The red one is the one at 0 after each change.
        const auto a_is_red = i % 2 == 0;
        auto done = books.put({book("a", a_is_red ? 0 : 100, a_is_red ? "red" : "blue"),
                               book("b", a_is_red ? 100 : 0, a_is_red ? "blue" : "red")});
        if (!done)
          return to_string(done.error());
        if (i % 50 == 49)
          if (auto compacted = books.compact(); !compacted)
            return to_string(compacted.error());
        continue;
      }
      auto options = nearest(2);
      options.with_metadata = number == 1;
      const auto found = books.search_hybrid(point(0), "red", options);
      if (!found)
        return to_string(found.error());
      if (found->size() != 2 || std::abs((*found)[0].score - 2.0F / 61) > 1e-6F)
        return std::string{"the first of "}.append(std::to_string(found->size())) + " hits has "
          + std::to_string((*found)[0].score);
      if (options.with_metadata && (*found)[0].metadata != titled("red"))
        return "metadata of another change: " + (*found)[0].metadata;
      const auto words = books.search_text("red blue");
      if (!words || words->size() != 2)
        return words ? std::to_string(words->size()) + " hits" : to_string(words.error());
    }
    return "";
  });
  must_do(opened.close());
  check_sound(directory.file());
}

BOOST_AUTO_TEST_CASE(words_of_another_database_object_are_found_with_its_position) {
  const scratch_directory directory;
  auto writing = open_file(directory.file());
  auto options = only_on_request();
  options.poll_interval = std::chrono::milliseconds{0};
  auto reading = open_file(directory.file(), options);
  auto mine = must(writing.collection("books", titled_shape()));
  auto theirs = must(reading.collection("books"));
  for (int i = 0; i < 50; ++i) {
    const auto word = std::string{"w"}.append(std::to_string(i));
    const auto at = must(mine.put(book("a", static_cast<float>(i), word)));
    BOOST_TEST(keys_of(must(theirs.search_text(word, since(at)))) == std::set<std::string>{"a"});
    const auto both = must(theirs.search_hybrid(point(static_cast<float>(i)), word, since(at, nearest(1))));
    BOOST_TEST(both.at(0).score == 2.0F / 61, boost::test_tools::tolerance(1e-6F));
  }
  const auto at = must(mine.remove("a")).at;
  BOOST_TEST(code_of(theirs.search_text("w49", since({at.file, at.number + 1}))) == errc::position_not_reached);
  BOOST_TEST(code_of(theirs.search_text("w49", since({at.file + 1, 1}))) == errc::position_of_other_file);
}

BOOST_AUTO_TEST_CASE(a_file_opened_for_reading_only_is_searched_for_words) {
  const scratch_directory directory;
  auto writing = open_file(directory.file());
  auto mine = must(writing.collection("books", titled_shape()));
  must(mine.put(book("a", 1, "river")));
  auto options = only_on_request();
  options.read_only = true;
  auto reading = open_file(directory.file(), options);
  auto theirs = must(reading.collection("books"));
  BOOST_TEST(keys_of(must(theirs.search_text("river"))) == std::set<std::string>{"a"});
  BOOST_TEST(must(theirs.search_hybrid(point(1), "river")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(compaction_takes_the_words_of_dead_rows_out_of_the_file) {
  const scratch_directory directory;
  {
    auto opened = open_file(directory.file());
    auto books = must(opened.collection("books", titled_shape()));
    for (int round = 0; round < 4; ++round) {
      std::vector<item> items;
      for (std::size_t i = 0; i < 3'000; ++i)
        items.push_back(book(key_of(i), static_cast<float>(i), std::string{"round"}.append(std::to_string(round))));
      must(books.put(std::move(items)));
    }
    must(books.rebuild());
    BOOST_TEST(must(books.search_text("round0 round1 round2")).empty());
    BOOST_TEST(must(books.search_text("round3", nearest(10'000))).size() == 3'000u);
    BOOST_TEST(must(books.stats()).dead_rows == 0u);
    must_do(opened.close());
  }
  raw_file seen{directory.file()};
  const auto id = std::to_string(seen.number("SELECT id FROM collections"));
  BOOST_TEST(seen.number("SELECT count(*) FROM text_" + id + "_docsize") == 3'000);
  check_sound(directory.file());
}

BOOST_AUTO_TEST_CASE(a_drop_ends_searches_for_words_and_frees_their_index) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto books = must(opened.collection("books", titled_shape()));
  must(books.put(book("a", 1, "river")));
  must(opened.drop_collection("books"));
  BOOST_TEST(code_of(books.search_text("river")) == errc::collection_dropped);
  auto others = must(opened.collection("books", titled_shape()));
  must(others.put(book("b", 1, "river")));
  BOOST_TEST(keys_of(must(others.search_text("river"))) == std::set<std::string>{"b"});
  must(others.compact());
  raw_file seen{directory.file()};
  BOOST_TEST(seen.number("SELECT count(*) FROM sqlite_schema WHERE name GLOB 'text_*_rows'") == 1);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_searched_for_is_said_in_words) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto plain = must(opened.collection("plain", shape(4)));
  const auto without = plain.search_text("river");
  BOOST_REQUIRE(code_of(without) == errc::invalid_argument);
  BOOST_TEST(without.error().detail.find("text_fields") != std::string::npos);
  auto books = must(opened.collection("books", titled_shape()));
  for (const auto* query : {"", "  ", "?!"}) {
    BOOST_TEST(code_of(books.search_text(query)) == errc::invalid_argument);
    BOOST_TEST(code_of(books.search_hybrid(point(1), query)) == errc::invalid_argument);
  }
  std::string many;
  for (int i = 0; i < 1'001; ++i)
    many += "w ";
  BOOST_TEST(code_of(books.search_text(many)) == errc::invalid_argument);
  BOOST_TEST(code_of(books.search_text(std::string(65'537, 'w'))) == errc::invalid_argument);
  BOOST_TEST(must(books.search_text("river")).empty());
  BOOST_TEST(must(books.search_hybrid(point(1), "river")).empty());
  BOOST_TEST(code_of(books.search_hybrid({1, 2}, "river")) == errc::dimension_mismatch);
}

BOOST_AUTO_TEST_CASE(a_damaged_index_of_words_is_found_by_check_and_mended_by_a_write_or_by_sqlite) {
  const scratch_directory directory;
  auto opened = open_file(directory.file());
  auto books = must(opened.collection("books", titled_shape()));
  for (std::size_t i = 0; i < 100; ++i)
    must(books.put(book(key_of(i), static_cast<float>(i), std::string{"river w"}.append(std::to_string(i)))));
  must_do(opened.close());
  std::string index;
  const auto run_on_index = [&](const std::string& before, const std::string& after) {
    raw_file seen{directory.file()};
    index = std::string{"text_"}.append(std::to_string(seen.number("SELECT id FROM collections")));
    seen.run(before + index + after);
  };
  const auto wrong = [&] {
    std::vector<std::string> subjects;
    must(check(directory.file(), [&](const finding& what) {
      if (!what.sound)
        subjects.push_back(what.subject);
    }));
    return subjects;
  };
  const std::vector<std::string> words_only{"words of 'books'"};
  // Blocks without content are none to SQLite.
  run_on_index("UPDATE ", "_data SET block = zeroblob(length(block)) WHERE id > 10");
  BOOST_TEST(wrong() == words_only, boost::test_tools::per_element());
  run_on_index("INSERT INTO ", "(" + index + ") VALUES ('rebuild')");
  check_sound(directory.file());
  run_on_index("UPDATE ", "_data SET block = x'ffffffffffff' WHERE id = 10");
  BOOST_TEST(wrong() == words_only, boost::test_tools::per_element());
  auto again = open_file(directory.file());
  auto damaged = must(again.collection("books"));
  BOOST_TEST(code_of(damaged.search_text("river")) == errc::corrupt);
  BOOST_TEST(code_of(damaged.search_hybrid(point(1), "river")) == errc::corrupt);
  // The rest of the collection is whole.
  BOOST_TEST(must(damaged.search(point(7), nearest(1))).at(0).key == key_of(7));
  must(damaged.put(book("new", 200, "river")));
  BOOST_TEST(must(damaged.search_text("river", nearest(1'000))).size() == 101u);
  must_do(again.close());
  check_sound(directory.file());
}

BOOST_AUTO_TEST_SUITE_END()
