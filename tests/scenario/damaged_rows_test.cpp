#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::size_t count = 300;
constexpr std::size_t damaged = 42;

/// A closed file; half of it compacted or none.
struct prepared {
  scratch_directory directory;
  exact_model model{metric::l2};
  std::vector<std::vector<float>> vectors = clustered_vectors(count, 4, 18);
  std::string label;

  explicit prepared(bool with_base) {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(4)));
    for (std::size_t i = 0; i < count; ++i) {
      const item each{key_of(i), vectors[i], std::to_string(i)};
      must(stored.put(each));
      model.put(each.key, each.vector, each.metadata);
      if (with_base && i == count / 2)
        must(stored.compact());
    }
    label = std::to_string(must(stored.get(key_of(damaged))).version.number);
  }
};

/// Every answer about the whole is an error; those about others are right.
void check_refused(const prepared& file) {
  auto opened = open_file(file.directory.file());
  auto stored = must(opened.collection("c"));
  BOOST_TEST(code_of(stored.get(key_of(damaged))) == errc::corrupt);
  BOOST_TEST(code_of(stored.scan({}, count)) == errc::corrupt);
  for (const bool exact : {true, false})
    BOOST_TEST(code_of(stored.search(file.vectors[0], nearest(3, exact))) == errc::corrupt);
  BOOST_TEST(code_of(stored.compact()) == errc::corrupt);
  BOOST_TEST((must(stored.get(key_of(7))).vector == file.vectors[7]));
  must(stored.put(key_of(8), file.vectors[7]));
  must(stored.remove(key_of(damaged)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(damage_of_rows)

BOOST_AUTO_TEST_CASE(a_row_that_does_not_match_its_checksum_is_never_answered_from) {
  for (const bool with_base : {false, true}) {
    for (const std::string damage :
         {"UPDATE vectors SET vector = CAST(substr(vector, 1, 8) || x'01' || substr(vector, 10) AS BLOB)",
          "UPDATE vectors SET vector = substr(vector, 1, 12)", "UPDATE vectors SET vector = x''",
          "UPDATE vectors SET checksum = checksum + 1", "DELETE FROM vectors",
          "UPDATE items SET metadata = '{\"a\":2}'", "UPDATE items SET metadata = NULL",
          "UPDATE items SET checksum = checksum - 1"}) {
      BOOST_TEST_CONTEXT(damage << (with_base ? " in a base" : " without a base")) {
        const prepared file{with_base};
        { raw_file{file.directory.file()}.run(damage + " WHERE label = " + file.label); }
        check_refused(file);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(vectors_of_two_rows_in_each_others_place_are_noticed) {
  const prepared file{true};
  {
    raw_file raw{file.directory.file()};
    raw.run("CREATE TEMP TABLE v AS SELECT * FROM vectors; UPDATE vectors SET (vector, checksum) ="
            " (SELECT vector, checksum FROM v WHERE v.label = "
            + file.label + " + 1) WHERE label = " + file.label);
  }
  check_refused(file);
}

BOOST_AUTO_TEST_CASE(a_key_that_was_changed_is_noticed) {
  const prepared file{true};
  { raw_file{file.directory.file()}.run("UPDATE items SET key = 'key 4x' WHERE label = " + file.label); }
  auto opened = open_file(file.directory.file());
  auto stored = must(opened.collection("c"));
  BOOST_TEST(code_of(stored.get("key 4x")) == errc::corrupt);
  BOOST_TEST(code_of(stored.search(file.vectors[damaged], nearest(3))) == errc::corrupt);
  BOOST_TEST(code_of(stored.scan({}, count)) == errc::corrupt);
}

// A search without them would be an answer from part of the rows.
BOOST_AUTO_TEST_CASE(rows_that_are_hidden_or_gone_are_noticed_by_searches) {
  for (const bool with_base : {false, true})
    for (const std::string damage :
         {"UPDATE items SET has_vector = 0", "UPDATE items SET died_at = label + 1", "DELETE FROM items"})
      BOOST_TEST_CONTEXT(damage << (with_base ? " in a base" : " without a base")) {
        const prepared file{with_base};
        { raw_file{file.directory.file()}.run(damage + " WHERE label = " + file.label); }
        auto opened = open_file(file.directory.file());
        auto stored = must(opened.collection("c"));
        BOOST_TEST(code_of(stored.search(file.vectors[damaged], nearest(3))) == errc::corrupt);
        BOOST_TEST(code_of(stored.compact()) == errc::corrupt);
      }
}

BOOST_AUTO_TEST_CASE(metadata_damaged_while_the_file_is_open_is_not_given_with_a_hit) {
  const prepared file{true};
  auto opened = open_file(file.directory.file());
  auto stored = must(opened.collection("c"));
  must(stored.search(file.vectors[0]));
  raw_file{file.directory.file()}.run("UPDATE items SET metadata = '43' WHERE label = " + file.label);
  auto options = nearest(1);
  options.with_metadata = true;
  BOOST_TEST(code_of(stored.search(file.vectors[damaged], options)) == errc::corrupt);
}

// Pages of the file overwritten: an error or the right answer, for each of them.
BOOST_AUTO_TEST_CASE(a_page_that_was_overwritten_gives_an_error_or_right_answers) {
  const prepared file{true};
  const auto path = file.directory.file();
  const auto bytes = bytes_of(path);
  constexpr std::size_t page = 4'096;
  BOOST_REQUIRE(bytes.size() % page == 0);
  std::size_t refused = 0;
  const auto is_damage = [&](errc code) {
    refused += code != errc::none;
    return code == errc::none || code == errc::corrupt || code == errc::base_corrupt || code == errc::not_a_database;
  };
  for (std::size_t at = 0; at < bytes.size(); at += page)
    BOOST_TEST_CONTEXT("page " << at / page + 1) {
      for (const auto* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(path + suffix);
      auto changed = bytes;
      // Of the first page only the part behind SQLite's header.
      const std::size_t first = at == 0 ? 100 : at;
      std::fill_n(changed.begin() + static_cast<std::ptrdiff_t>(first), at + page - first, '\xa5');
      write_bytes(path, changed);
      auto opened = database::open(path, only_on_request());
      BOOST_TEST(is_damage(code_of(opened)), code_of(opened));
      if (!opened)
        continue;
      auto stored = opened->collection("c");
      BOOST_TEST(is_damage(code_of(stored)), to_string(code_of(stored)));
      if (!stored)
        continue;
      const auto hits = stored->search(file.vectors[damaged], nearest(10, true));
      BOOST_TEST(is_damage(code_of(hits)), to_string(code_of(hits)));
      if (hits)
        BOOST_TEST(file.model.mismatch(file.vectors[damaged], 10, *hits) == "");
      const auto all = stored->scan({}, 10'000);
      BOOST_TEST(is_damage(code_of(all)), to_string(code_of(all)));
      if (all)
        BOOST_TEST(all->records.size() == count);
      const auto compacted = stored->compact();
      BOOST_TEST(is_damage(code_of(compacted)), to_string(code_of(compacted)));
    }
  BOOST_TEST(refused > 10U);
}

BOOST_AUTO_TEST_SUITE_END()
