// The words of a collection's rows: storage::text_index, through the writer, and storage::text_reader.

#include "storage/check.hpp"
#include "storage/text_reader.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

using keys = std::vector<std::string>;

std::string titled(const std::string& text) { return "{\"title\": \"" + text + "\"}"; }

struct text_file : store {
  collection_id books = make_with({"title", "author.name"});
  std::unique_ptr<text_reader> words = must(text_reader::open(path));
  manifest base;

  collection_id make_with(const std::vector<std::string>& fields, const std::string& name = "books") {
    collection_info info{name, 2, metric::l2, 16, 200};
    info.text_fields = fields;
    collection_id id = 0;
    commit([&] { id = must(file->open_collection(info)).id; });
    return id;
  }

  std::uint64_t put(const std::string& key, const std::string& metadata, bool with_vector = true) {
    std::vector<item> items{{key, std::nullopt, metadata}};
    if (with_vector)
      items.front().vector = std::vector<float>{1, 2};
    return commit([&] { must(file->put(books, items)); });
  }

  std::uint64_t remove(const std::string& key) {
    const std::vector<std::string> one{key};
    return commit([&] { must(file->remove(books, one)); });
  }

  /// None if rows of that number were swept.
  std::optional<text_answer> answer(const std::string& query, std::optional<std::uint64_t> as_of = {},
                                    std::size_t limit = 1'000, bool with_metadata = false) {
    if (!must(words->begin({books, query, limit, as_of, with_metadata})))
      return std::nullopt;
    for (;;)
      if (auto done = must(words->step()))
        return done;
  }

  keys found(const std::string& query, std::optional<std::uint64_t> as_of = {}, std::size_t limit = 1'000) {
    const auto done = answer(query, as_of, limit);
    BOOST_REQUIRE(done.has_value());
    keys names;
    for (const auto& each : done->matches)
      names.push_back(each.key);
    return names;
  }

  /// The same in the order of keys.
  keys all(const std::string& query, std::optional<std::uint64_t> as_of = {}) {
    auto names = found(query, as_of);
    std::ranges::sort(names);
    return names;
  }

  /// Publishes a base of everything up to now, and lets go of all history before it.
  void publish_and_forget() {
    const auto watermark = must(read->figures(books)).number;
    std::uint64_t id = 0;
    commit([&] { id = must(file->new_segment()); });
    commit([&] { must_do(file->add_chunk({books, id, 0, {1, 2, 3}})); });
    base = {base.version + 1, base.version + 1, watermark, base.watermark, {{id, 1, 3, 1}}};
    commit([&] { must(file->publish(books, base)); });
    commit([&] { must_do(file->forget_history(books)); });
  }

  bool sweep_some(std::uint64_t limit = 3) {
    bool more = false;
    commit([&] { more = must(file->sweep(limit)); });
    return more;
  }

  void sweep() {
    int slices = 0;
    for (; sweep_some() && slices < 10'000; ++slices)
      continue;
    BOOST_TEST(slices < 10'000);
  }

  /// What `check` says is wrong.
  std::vector<std::string> damage() {
    std::vector<std::string> wrong;
    must_do(check_rows(path, [&](const finding& what) {
      if (!what.sound)
        wrong.push_back(what.subject + ": " + what.detail);
    }));
    return wrong;
  }

  std::int64_t count(const std::string& from) { return sql(path, "SELECT count(*) FROM " + from); }
  std::string table(const std::string& part = {}) const {
    return std::string{"text_"}.append(std::to_string(books)) + part;
  }
};

/// BM25 as SQLite documents it for FTS5: k1 = 1.2, b = 0.75. Documents and query of words between spaces.
std::map<std::string, double> expected_scores(const std::map<std::string, std::vector<std::string>>& documents,
                                              const std::vector<std::string>& query) {
  double length = 0;
  for (const auto& [key, words] : documents)
    length += static_cast<double>(words.size());
  const auto rows = static_cast<double>(documents.size());
  std::map<std::string, double> scores;
  for (const auto& word : query) {
    double with_word = 0;
    for (const auto& [key, words] : documents)
      with_word += std::ranges::find(words, word) != words.end() ? 1 : 0;
    const auto weight = std::max(1e-6, std::log((rows - with_word + 0.5) / (with_word + 0.5)));
    for (const auto& [key, words] : documents)
      if (const auto times = static_cast<double>(std::ranges::count(words, word)); times > 0)
        scores[key] +=
          weight * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * static_cast<double>(words.size()) / (length / rows)));
  }
  return scores;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(text_index, text_file)

BOOST_AUTO_TEST_CASE(rows_are_ordered_by_bm25) {
  std::mt19937 random{11};
  std::map<std::string, std::vector<std::string>> documents;
  for (int i = 0; i < 200; ++i) {
    std::vector<std::string> text;
    for (auto left = 1 + random() % 12; left > 0; --left)
      text.push_back(std::string{"w"}.append(std::to_string(static_cast<int>(std::sqrt(random() % 400)))));
    const auto key = std::string{"k"}.append(std::to_string(i));
    std::string title;
    for (const auto& word : text)
      title += word + " ";
    put(key, titled(title), i % 3 > 0);
    documents[key] = text;
  }
  for (int i = 0; i < 50; ++i) {
    const std::vector<std::string> query{std::string{"w"}.append(std::to_string(random() % 20)),
                                         std::string{"w"}.append(std::to_string(random() % 20))};
    if (query[0] == query[1])
      continue;
    const auto expected = expected_scores(documents, query);
    const auto got = answer(query[0] + " " + query[1]);
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->matches.size() == expected.size());
    for (std::size_t place = 0; place < got->matches.size(); ++place) {
      const auto& each = got->matches[place];
      BOOST_TEST(each.score == expected.at(each.key), boost::test_tools::tolerance(1e-9));
      if (place > 0) {
        const auto& before = got->matches[place - 1];
        BOOST_TEST((before.score > each.score || (before.score == each.score && before.label < each.label)));
      }
    }
    // The best few are the first of all.
    const auto best = answer(query[0] + " " + query[1], {}, 5);
    BOOST_TEST(best->matches.size() == std::min<std::size_t>(5, expected.size()));
    for (std::size_t place = 0; place < best->matches.size(); ++place)
      BOOST_TEST(best->matches[place].label == got->matches[place].label);
  }
  BOOST_TEST(answer("w1", {}, 0)->matches.empty());
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_strings_in_the_fields_of_the_collection_have_words) {
  put("both", R"({"title": "river", "author": {"name": "Woolf"}})");
  put("other field", R"({"subtitle": "river", "name": "Woolf"})");
  put("a number", R"({"title": 1984, "author": {"name": 5}})");
  put("an array", R"({"title": ["river"], "author": "Woolf"})");
  put("no object", R"("river")");
  put("none", "");
  put("no JSON to SQLite", "\xef\xbb\xbf{\"title\": \"river\"}");
  put("deep", "{\"title\": \"river\", \"x\": " + std::string(5'000, '[') + std::string(5'000, ']') + "}");
  put("twice", R"({"title": "lake", "title": "river"})");
  put("escaped", R"({"title": "ri\u0076er"})");
  BOOST_TEST(answer("river")->matches.size() >= 2U);
  const auto with_river = all("river");
  for (const auto* key : {"both", "escaped"})
    BOOST_TEST((std::ranges::find(with_river, key) != with_river.end()));
  for (const auto* key : {"other field", "a number", "an array", "no object", "none", "no JSON to SQLite"})
    BOOST_TEST((std::ranges::find(with_river, key) == with_river.end()));
  BOOST_TEST(all("woolf") == keys{"both"});
  BOOST_TEST(all("1984") == keys{});
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(phrases_beginnings_case_and_accents) {
  put("a", titled("The River Thames"));
  put("b", titled("thames, the river"));
  put("c", titled("M\\u00fcller's riverside"));
  put("d", titled("\xd0\xa0\xd0\xb5\xd0\xba\xd0\xb0 \xc3\x89TUDE"));
  BOOST_TEST(all("RIVER") == (keys{"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(all("riv*") == (keys{"a", "b", "c"}), boost::test_tools::per_element());
  BOOST_TEST(all("\"the river\"") == (keys{"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(all("\"river thames\"") == keys{"a"});
  BOOST_TEST(all("\"river tha\"*") == keys{"a"});
  BOOST_TEST(all("river-thames") == keys{"a"});
  BOOST_TEST(all("muller") == keys{"c"});
  BOOST_TEST(all("m\xc3\xbcller") == keys{"c"});
  BOOST_TEST(all("\xd1\x80\xd0\xb5\xd0\xba\xd0\xb0") == keys{"d"});
  BOOST_TEST(all("etude") == keys{"d"});
  BOOST_TEST(all("nothing \xe2\x80\x94") == keys{});
}

BOOST_AUTO_TEST_CASE(the_newest_version_of_a_row_counts_and_an_earlier_number_finds_what_lived_then) {
  put("a", titled("river"));
  put("b", titled("river lake"));
  const auto both = must(read->figures(books)).number;
  put("a", titled("mountain"));
  const auto moved = must(read->figures(books)).number;
  commit([&] { must(file->update_metadata(books, "b", titled("forest"))); });
  remove("a");
  BOOST_TEST(all("river") == keys{});
  BOOST_TEST(all("mountain") == keys{});
  BOOST_TEST(all("forest") == keys{"b"});
  BOOST_TEST(all("river", both) == (keys{"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(all("river mountain", moved) == (keys{"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(all("mountain", moved) == keys{"a"});
  BOOST_TEST(all("forest", moved) == keys{});
  BOOST_TEST(answer("forest")->number == must(read->figures(books)).number);
  BOOST_TEST(answer("river", both)->number == both);
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(metadata_come_along_if_they_are_asked_for) {
  put("a", titled("river"));
  BOOST_TEST(answer("river")->matches.front().metadata == "");
  BOOST_TEST(answer("river", {}, 10, true)->matches.front().metadata == titled("river"));
}

BOOST_AUTO_TEST_CASE(many_changes_of_one_transaction_are_found_or_none_of_them) {
  commit([&] {
    for (const auto* key : {"a", "b", "a", "c", "a"}) {
      const std::vector<item> one{{key, std::nullopt, titled(std::string{"river "} + key)}};
      must(file->put(books, one));
    }
    const std::vector<std::string> gone{"b"};
    must(file->remove(books, gone));
  });
  BOOST_TEST(all("river") == (keys{"a", "c"}), boost::test_tools::per_element());
  must_do(file->begin(writer::clock::now()));
  const std::vector<item> other{{"d", std::nullopt, titled("river")}};
  must(file->put(books, other));
  file->roll_back();
  BOOST_TEST(all("river") == (keys{"a", "c"}), boost::test_tools::per_element());
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_request_that_fails_leaves_no_words) {
  for (const auto how : {undoing::one_request, undoing::nothing}) {
    must_do(file->begin(writer::clock::now(), how));
    const std::vector<item> good{{"a", std::nullopt, titled("river")}};
    must(file->put(books, good));
    BOOST_TEST(code_of(file->put_if(books, {"b", std::nullopt, titled("river")}, 99)) == errc::conflict);
    BOOST_TEST(code_of(file->update_metadata(books, "c", titled("river"))) == errc::key_not_found);
    must(file->commit());
    BOOST_TEST(all("river") == keys{"a"});
  }
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_collection_whose_making_was_rolled_back_leaves_no_index_and_its_number_to_another) {
  must_do(file->begin(writer::clock::now()));
  collection_info info{"x", 2, metric::l2, 16, 200};
  info.text_fields = {"title"};
  const auto rolled_back = must(file->open_collection(info)).id;
  const std::vector<item> one{{"a", std::nullopt, titled("river")}};
  must(file->put(rolled_back, one));
  file->roll_back();
  BOOST_TEST(count(std::string{"sqlite_schema WHERE name LIKE 'text_"}.append(std::to_string(rolled_back)) + "%'")
             == 0);
  books = make_with({"other", "title"}, "y");
  BOOST_TEST(books == rolled_back);
  put("a", R"({"other": "lake", "title": "river"})");
  BOOST_TEST(all("lake") == keys{"a"});
  BOOST_TEST(all("river") == keys{"a"});
}

BOOST_AUTO_TEST_CASE(several_collections_have_indexes_of_their_own) {
  put("a", titled("river"));
  const auto first = books;
  books = make_with({"title"}, "others");
  put("b", titled("river"));
  BOOST_TEST(all("river") == keys{"b"});
  books = first;
  BOOST_TEST(all("river") == keys{"a"});
}

BOOST_AUTO_TEST_CASE(an_index_that_cannot_be_opened_leaves_searches_of_others_alone) {
  put("a", titled("river"));
  const auto sound = books;
  books = make_with({"title"}, "others");
  put("b", titled("river"));
  sql(path, "DELETE FROM " + table("_data"));
  const auto damaged = books;
  for (int round = 0; round < 2; ++round) {
    books = sound;
    BOOST_TEST(all("river") == keys{"a"});
    BOOST_TEST(code_of(words->begin({damaged, "river", 10, {}, false})) == errc::corrupt);
  }
}

BOOST_AUTO_TEST_CASE(a_path_with_quotes_and_spaces_is_a_field) {
  books = make_with({"the author's name", "x') --", "Title", "title", "rank"}, "odd");
  put("a", R"({"the author's name": "woolf", "x') --": "lake", "Title": "upper", "title": "lower", "rank": "first"})");
  for (const auto* word : {"woolf", "lake", "upper", "lower", "first"})
    BOOST_TEST(all(word) == keys{"a"}, word);
}

BOOST_AUTO_TEST_CASE(a_sweep_takes_words_out_with_their_rows) {
  for (int i = 0; i < 20; ++i)
    put(std::string{"k"}.append(std::to_string(i % 5)), titled(std::string{"river number"}.append(std::to_string(i))));
  remove("k0");
  const auto before = must(read->figures(books)).number;
  publish_and_forget();
  BOOST_TEST(count(table("_docsize")) == 20);
  sweep();
  BOOST_TEST(count(table("_docsize")) == 4);
  BOOST_TEST(count("items") == 4);
  BOOST_TEST(all("river") == (keys{"k1", "k2", "k3", "k4"}), boost::test_tools::per_element());
  BOOST_TEST(all("number3 number7") == keys{});
  BOOST_TEST(all("river", before) == (keys{"k1", "k2", "k3", "k4"}), boost::test_tools::per_element());
  // An earlier number's rows are gone.
  BOOST_TEST(!answer("river", before - 3).has_value());
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_search_that_was_begun_before_a_sweep_finds_all_that_it_saw) {
  for (int i = 0; i < 2'500; ++i) {
    if (i == 0)
      must_do(file->begin(writer::clock::now()));
    const std::vector<item> one{{std::string{"k"}.append(std::to_string(i)), std::nullopt, titled("river")}};
    must(file->put(books, one));
  }
  const auto last = must(file->commit());
  BOOST_TEST(must(words->begin({books, "river", 10'000, last, false})));
  BOOST_TEST(!must(words->step()).has_value());
  for (const auto* key : {"k0", "k2000", "k2499"})
    remove(key);
  put("k1", titled("lake"));
  publish_and_forget();
  sweep();
  std::optional<text_answer> done;
  int steps = 1;
  for (; !done; ++steps)
    done = must(words->step());
  BOOST_TEST(steps > 3);
  BOOST_TEST(done->matches.size() == 2'500U);
  BOOST_TEST(done->number == last);
  BOOST_TEST(found("river", {}, 10'000).size() == 2'496U);
  // A search that is given up makes room for another.
  BOOST_TEST(must(words->begin({books, "river", 10'000, {}, false})));
  must(words->step());
  BOOST_TEST(found("lake") == keys{"k1"});
}

/// FTS5 by itself merges some hundred pages in one put of this test.
BOOST_AUTO_TEST_CASE(no_put_of_many_writes_much_more_than_the_others_and_the_index_stays_of_few_parts) {
  constexpr int batches = 150;
  constexpr int puts = 1'500;
  std::mt19937 random{5};
  const auto some_item = [&] {
    std::string text;
    for (int word = 0; word < 20; ++word)
      text += std::string{"w"}.append(std::to_string(random() % 5'000)) + " ";
    return item{std::string{"k"}.append(std::to_string(random())), std::nullopt, titled(text)};
  };
  for (int i = 0; i < batches; ++i) {
    std::vector<item> items;
    for (int row = 0; row < 100; ++row)
      items.push_back(some_item());
    commit([&] { must(file->put(books, items)); });
  }
  std::uintmax_t total = 0;
  std::uintmax_t largest = 0;
  std::int64_t most_parts = 0;
  for (int i = 0; i < puts; ++i) {
    const std::vector<item> one{some_item()};
    const auto before = std::filesystem::file_size(path + "-wal");
    commit([&] { must(file->put(books, one)); });
    const auto written = std::filesystem::file_size(path + "-wal") - before;
    total += written;
    largest = std::max(largest, written);
    if (i % 10 == 0)
      most_parts = std::max(most_parts, count("(SELECT DISTINCT segid FROM " + table("_idx") + ")"));
  }
  BOOST_TEST_MESSAGE(total / puts << " bytes a put, " << largest << " at most, " << most_parts << " parts");
  BOOST_TEST(largest < 15 * (total / puts));
  BOOST_TEST(most_parts < 100);
  BOOST_TEST(found("w17", {}, 10'000).size() > 50U);
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_dropped_collection_leaves_no_table_however_often_the_sweep_is_cut_short) {
  for (int i = 0; i < 10; ++i)
    put(std::string{"k"}.append(std::to_string(i)), titled("river"));
  put("k1", titled("lake"));
  commit([&] { must(file->drop_collection("books")); });
  BOOST_TEST(code_of(words->begin({books, "river", 10, {}, false})) == errc::collection_dropped);
  for (bool more = true; more;) {
    more = sweep_some(2);
    BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
    // As after a crash, by another process.
    file = must(writer::open(path));
  }
  BOOST_TEST(count("sqlite_schema WHERE name LIKE 'text_%'") == 0);
  BOOST_TEST(count("items") == 0);
  books = make_with({"title"});
  put("a", titled("river"));
  BOOST_TEST(all("river") == keys{"a"});
}

BOOST_AUTO_TEST_CASE(a_dropped_collection_whose_index_is_damaged_leaves_no_table_either) {
  put("a", titled("river"));
  sql(path, "DELETE FROM " + table("_data"));
  commit([&] { must(file->drop_collection("books")); });
  file = must(writer::open(path));
  sweep();
  BOOST_TEST(count("sqlite_schema WHERE name LIKE 'text_%'") == 0);
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_collection_without_text_fields_has_no_index) {
  books = make("plain", 2);
  put("a", titled("river"));
  BOOST_TEST(count("sqlite_schema WHERE name LIKE '" + table() + "%'") == 0);
  BOOST_TEST(code_of(words->begin({books, "river", 10, {}, false})) == errc::invalid_argument);
  BOOST_TEST(code_of(words->begin({books, "+", 10, {}, false})) == errc::invalid_argument);
}

BOOST_AUTO_TEST_CASE(words_that_the_rows_do_not_have_are_found_by_a_check) {
  for (int i = 0; i < 50; ++i)
    put(std::string{"k"}.append(std::to_string(i)), titled(std::string{"river number"}.append(std::to_string(i))));
  const auto name = table();
  const std::vector<std::string> ways{
    "INSERT INTO " + name + "(" + name + ", rowid, field_1) VALUES ('delete', " + std::to_string(books + 1)
      + ", 'river number0')",
    "INSERT INTO " + name + "(rowid, field_1) VALUES (100000, 'lake')",
    "INSERT INTO " + name + "(" + name + ", rowid, field_1) VALUES ('delete', " + std::to_string(books + 3)
      + ", 'river number2'); INSERT INTO " + name + "(rowid, field_1) VALUES (" + std::to_string(books + 3)
      + ", 'river number3')",
    "DELETE FROM " + name + "_data WHERE id > 10",
    "UPDATE " + name + "_data SET block = zeroblob(length(block)) WHERE id > 10",
    "UPDATE " + name + "_data SET block = x'7f7f7f' WHERE id = 1",
    "UPDATE " + name + "_docsize SET sz = x'05' WHERE id = " + std::to_string(books + 4),
  };
  for (const auto& way : ways) {
    sql(path, way);
    BOOST_TEST(damage().size() == 1U, way);
    // It is made of the rows, so it can be made again of them.
    sql(path, "INSERT INTO " + name + "(" + name + ") VALUES ('rebuild')");
    BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_sweep_that_meets_a_damaged_index_or_row_builds_the_index_anew) {
  for (int i = 0; i < 30; ++i)
    put(std::string{"k"}.append(std::to_string(i)), titled(std::string{"river number"}.append(std::to_string(i))));
  const auto damaged = put("k1", titled("lake"));
  put("k1", titled("sea"));
  sql(path,
      std::string{"UPDATE items SET metadata = '{\"title\": \"another\"}' WHERE label = "}.append(
        std::to_string(damaged)));
  BOOST_TEST(damage().size() > 0U);
  publish_and_forget();
  sweep();
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
  BOOST_TEST(all("lake another") == keys{});
  BOOST_TEST(found("river").size() == 29U);
  remove("k2");
  sql(path, "UPDATE " + table("_data") + " SET block = zeroblob(3) WHERE id = 10");
  BOOST_TEST(damage().size() > 0U);
  // As another process finds it.
  file = must(writer::open(path));
  publish_and_forget();
  sweep();
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
  BOOST_TEST(found("river").size() == 28U);
}

BOOST_AUTO_TEST_CASE(a_write_that_meets_a_damaged_index_is_done_and_builds_it_anew) {
  const auto plain = make("plain", 2);
  for (int i = 0; i < 30; ++i)
    put(std::string{"k"}.append(std::to_string(i)), titled(std::string{"river number"}.append(std::to_string(i))));
  int round = 0;
  for (const auto how : {undoing::one_request, undoing::nothing})
    for (const auto* damage_to : {"_data SET block = zeroblob(length(block)) WHERE id = 10",
                                  "_data SET block = x'ffffffffffff' WHERE id = 10"}) {
      BOOST_TEST_CONTEXT(damage_to) {
        sql(path, "UPDATE " + table() + damage_to);
        const auto word = std::string{"round"}.append(std::to_string(++round));
        must_do(file->begin(writer::clock::now(), how));
        const std::vector<item> one{{"k1", std::nullopt, titled(word)}};
        const std::vector<item> other{{word, std::nullopt, titled(word)}};
        must(file->put(books, one));
        must(file->put(plain, other));
        must(file->put(books, other));
        must(file->commit());
        BOOST_TEST(found(word).size() == 2U);
        BOOST_TEST(found("river").size() == 29U);
        BOOST_TEST(must(read->contains(plain, word)));
        BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
      }
    }
  // As another process finds it.
  sql(path, "DELETE FROM " + table() + "_data WHERE id = 10");
  file = must(writer::open(path));
  put("fresh", titled("river"));
  BOOST_TEST(found("river").size() == 30U);
  remove("fresh");
  // Damage that only shows when parts are put together.
  sql(path, "UPDATE " + table() + "_data SET block = zeroblob(length(block)) WHERE id > 10");
  for (int i = 0; i < 300; ++i)
    put(std::string{"n"}.append(std::to_string(i)), titled("later"));
  BOOST_TEST(damage() == std::vector<std::string>{}, boost::test_tools::per_element());
  BOOST_TEST(found("river").size() == 29U);
}

BOOST_AUTO_TEST_CASE(a_damaged_row_is_an_error_to_whoever_finds_it_dead_or_alive) {
  put("a", titled("river"));
  const auto damaged = put("b", titled("river"));
  sql(path, std::string{"UPDATE items SET died_at = 3 WHERE label = "}.append(std::to_string(damaged)));
  BOOST_TEST(must(words->begin({books, "river", 10, {}, false})));
  BOOST_TEST(code_of(words->step()) == errc::corrupt);
  sql(path, std::string{"UPDATE items SET died_at = NULL, key = 'c' WHERE label = "}.append(std::to_string(damaged)));
  BOOST_TEST(must(words->begin({books, "river", 10, {}, false})));
  BOOST_TEST(code_of(words->step()) == errc::corrupt);
}

BOOST_AUTO_TEST_SUITE_END()
