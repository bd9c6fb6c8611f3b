#include "storage/checksum.hpp"
#include "storage/manifest_text.hpp"
#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"

#include <lodge/check.hpp>

using namespace lodge;
using namespace lodge::test;

namespace {

constexpr std::size_t count = 300;
constexpr std::size_t chosen = 42;
constexpr std::size_t removed = 43;

/// A closed file, two thirds of it compacted; one key was removed after that.
struct prepared {
  scratch_directory directory;
  std::string path = directory.file();
  exact_model model{metric::l2};
  std::vector<std::vector<float>> vectors = clustered_vectors(count, 4, 23);
  std::string label;
  std::string removed_label;

  prepared() {
    auto opened = open_file(path);
    auto stored = must(opened.collection("c", shape(4)));
    put_all(stored, std::span{vectors}.first(200), &model);
    must(stored.compact());
    put_all(stored, std::span{vectors}.subspan(200), &model, 200);
    label = std::to_string(must(stored.get(key_of(chosen))).version.number);
    removed_label = std::to_string(must(stored.get(key_of(removed))).version.number);
    must(stored.remove(key_of(removed)));
    model.remove(key_of(removed));
  }

  void run(const std::string& sql) const { raw_file{path}.run(sql); }
  std::string text(const std::string& number) const { return std::to_string(raw_file{path}.number(number)); }

  /// Changes rows behind the back of one of their indexes.
  void run_without_index(const std::string& index, const std::string& sql) const {
    run("CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = '" + index
        + "'; PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = '" + index + "'");
    run(sql);
    run("PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM kept; DROP TABLE kept");
  }

  std::string is_dead(const std::string& of) const {
    const auto living =
      static_cast<std::uint64_t>(raw_file{path}.number("SELECT checksum FROM items WHERE label = " + of));
    const auto last = static_cast<std::uint64_t>(raw_file{path}.number("SELECT sequence FROM file"));
    return "UPDATE items SET died_at = " + std::to_string(last) + ", checksum = "
      + std::to_string(static_cast<std::int64_t>(storage::dead_item_checksum(living, last))) + " WHERE label = " + of;
  }
};

void check_right(const prepared& file) {
  auto opened = open_file(file.path);
  check_against(file.model, must(opened.collection("c")), std::span{file.vectors}.first(60));
}

errc code_of_put(const collection& into, const std::string& key) {
  return code_of(collection{into}.put(key, point(1)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(contradictions)

BOOST_AUTO_TEST_CASE(an_index_that_leads_to_a_row_that_died_gives_no_answer_from_it) {
  const prepared file;
  file.run_without_index("living_items", file.is_dead(file.label));
  auto opened = open_file(file.path);
  auto stored = must(opened.collection("c"));
  BOOST_TEST(code_of(stored.get(key_of(chosen))) == errc::corrupt);
  BOOST_TEST(code_of(stored.contains(key_of(chosen))) == errc::corrupt);
  BOOST_TEST(code_of(stored.scan({}, count)) == errc::corrupt);
  BOOST_TEST(code_of(stored.search(file.vectors[0], nearest(3))) == errc::corrupt);
  BOOST_TEST(code_of(stored.compact()) == errc::corrupt);
  BOOST_TEST(code_of_put(stored, key_of(chosen)) == errc::corrupt);
  BOOST_TEST(code_of_put(stored, key_of(7)) == errc::none);
}

BOOST_AUTO_TEST_CASE(rows_themselves_say_who_died_whatever_the_index_of_the_dead_says) {
  {
    const prepared lacks_one;
    const auto died_at = lacks_one.text("SELECT died_at FROM items WHERE label = " + lacks_one.removed_label);
    const std::string row = " WHERE label = " + lacks_one.removed_label;
    lacks_one.run("UPDATE items SET died_at = NULL" + row);
    lacks_one.run_without_index("dead_items", "UPDATE items SET died_at = " + died_at + row);
    check_right(lacks_one);
  }
  const prepared names_a_living;
  const std::string row = " WHERE label = " + names_a_living.label;
  names_a_living.run("UPDATE items SET died_at = (SELECT sequence FROM file)" + row);
  names_a_living.run_without_index("dead_items", "UPDATE items SET died_at = NULL" + row);
  check_right(names_a_living);
}

BOOST_AUTO_TEST_CASE(a_last_number_that_is_not_that_of_the_logs_is_noticed_before_it_is_used) {
  for (const std::string number : {"5", "0", "-1", "'word'", "sequence + 1", "1 << 60", "9223372036854775807"})
    BOOST_TEST_CONTEXT(number) {
      const prepared file;
      file.run("UPDATE file SET sequence = " + number);
      auto opened = open_file(file.path);
      auto stored = must(opened.collection("c"));
      BOOST_TEST((must(stored.get(key_of(7))).vector == file.vectors[7]));
      BOOST_TEST(code_of(stored.search(file.vectors[0], nearest(3))) == errc::corrupt);
      BOOST_TEST(code_of_put(stored, "new") == errc::corrupt);
      BOOST_TEST(code_of(stored.compact()) == errc::corrupt);
    }
}

BOOST_AUTO_TEST_CASE(sizes_that_no_collection_has_are_refused_before_memory_is_taken) {
  for (const std::string change : {"dimension = 2147483647", "dimension = 4294967300", "dimension = -1",
                                   "dimension = 0", "m = 1000000000", "m = 0", "ef_construction = 0",
                                   "vector_form = 'word'", "fields = 'word'", "fields = '{}'", "text_fields = '[1]'"})
    BOOST_TEST_CONTEXT(change) {
      const prepared file;
      file.run("UPDATE collections SET " + change);
      auto opened = open_file(file.path);
      BOOST_TEST(code_of(opened.collection("c")) == errc::corrupt);
    }
  const prepared file;
  file.run("UPDATE collections SET dimension = 65536");
  auto opened = open_file(file.path);
  auto stored = must(opened.collection("c"));
  BOOST_TEST(code_of(stored.search(std::vector<float>(65'536), nearest(3))) == errc::corrupt);
  BOOST_TEST(code_of(stored.compact()) == errc::corrupt);
}

BOOST_AUTO_TEST_CASE(a_manifest_that_the_rows_contradict_is_replaced_while_answers_stay_right) {
  const prepared good;
  const auto bytes = bytes_of(good.path);
  const storage::manifest sound = storage::from_text([&] {
    raw_file raw{good.path};
    std::string text;
    for (std::int64_t i = 1, size = raw.number("SELECT length(manifest) FROM bases"); i <= size; ++i)
      text += static_cast<char>(raw.number("SELECT unicode(substr(manifest, " + std::to_string(i) + ")) FROM bases"));
    return text;
  }());
  const std::vector<std::pair<std::string, std::function<void(storage::manifest&)>>> changes{
    {"a segment twice", [](auto& x) { x.segments.push_back(x.segments.front()); }},
    {"no segment", [](auto& x) { x.segments.clear(); }},
    {"fewer vectors", [](auto& x) { x.segments.front().vectors -= 1; }},
    {"vectors beyond all sense", [](auto& x) { x.segments.front().vectors = std::uint64_t{1} << 60; }},
    {"chunks beyond all sense", [](auto& x) { x.segments.front().chunks = std::uint64_t{1} << 60; }},
    {"bytes beyond all sense", [](auto& x) { x.segments.front().bytes = std::uint64_t{1} << 60; }},
    {"it covers less", [](auto& x) { x.watermark = x.previous_watermark = 100; }},
    {"it covers more", [](auto& x) { x.watermark += 50; }},
    {"it covers what is to come", [](auto& x) { x.watermark = x.previous_watermark = std::uint64_t{1} << 60; }},
    {"negative numbers", [](auto& x) { x.version = UINT64_MAX; }}};
  for (const auto& [name, change] : changes)
    BOOST_TEST_CONTEXT(name) {
      auto wrong = sound;
      change(wrong);
      const auto text = storage::to_text(wrong);
      for (const auto* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(good.path + suffix);
      write_bytes(good.path, bytes);
      const auto id = static_cast<std::uint64_t>(raw_file{good.path}.number("SELECT collection FROM bases"));
      good.run("UPDATE bases SET manifest = '" + text
               + "', checksum = " + std::to_string(static_cast<std::int64_t>(storage::manifest_checksum(id, text))));
      auto opened = open_file(good.path);
      auto stored = must(opened.collection("c"));
      check_against(good.model, stored, std::span{good.vectors}.first(20));
      BOOST_TEST(eventually([&] { return must(stored.stats()).graph_vectors == count - 1; }));
      check_against(good.model, stored, std::span{good.vectors}.last(20));
    }
}

BOOST_AUTO_TEST_CASE(a_segment_counter_that_went_back_gives_no_id_twice) {
  const prepared file;
  file.run("UPDATE file SET segments = 0");
  auto opened = open_file(file.path);
  auto stored = must(opened.collection("c"));
  BOOST_TEST(must(stored.compact()).vectors == count - 1);
  check_against(file.model, stored, std::span{file.vectors}.first(20));
}

BOOST_AUTO_TEST_CASE(a_log_that_is_said_to_be_cut_beyond_its_end_costs_no_answer) {
  for (const std::string number : {"(SELECT sequence FROM file)", "4294967295", "1 << 62", "-1"})
    BOOST_TEST_CONTEXT(number) {
      const prepared file;
      file.run("UPDATE collections SET dropped_up_to = " + number);
      auto opened = open_file(file.path);
      auto stored = must(opened.collection("c"));
      check_against(file.model, stored, std::span{file.vectors}.first(20));
      must(stored.put("new", point(1'000)));
      BOOST_TEST(must(stored.search(point(1'000), nearest(1))).at(0).key == "new");
      must(stored.compact());
      must(stored.put("newer", point(2'000)));
      BOOST_TEST(must(stored.search(point(2'000), nearest(1))).at(0).key == "newer");
    }
}

BOOST_AUTO_TEST_CASE(a_key_that_became_a_blob_of_the_same_bytes_is_noticed) {
  const prepared file;
  file.run("UPDATE items SET key = CAST(key AS BLOB) WHERE label = " + file.label);
  bool sound = true;
  must(check(file.path, [&](const finding& each) { sound = sound && each.sound; }));
  BOOST_TEST(!sound);
  auto opened = open_file(file.path);
  auto stored = must(opened.collection("c"));
  BOOST_TEST(code_of(stored.scan({}, count)) == errc::corrupt);
  BOOST_TEST(code_of(stored.search(file.vectors[0], nearest(3))) == errc::corrupt);
}

BOOST_AUTO_TEST_CASE(tables_of_another_shape_are_told_of_when_the_file_is_opened) {
  const prepared file;
  file.run("ALTER TABLE deletions RENAME COLUMN label TO other");
  BOOST_TEST(code_of(database::open(file.path)) == errc::corrupt);
}

BOOST_AUTO_TEST_CASE(a_header_of_a_version_that_sqlite_does_not_know_or_write_is_damage) {
  constexpr std::size_t write_version = 18;
  constexpr std::size_t schema_format = 47;
  const prepared file;
  for (const auto place : {write_version, schema_format}) {
    auto bytes = bytes_of(file.path);
    bytes.at(place) = static_cast<char>(bytes.at(place) | 64);
    const auto path = file.directory.file("damaged");
    write_bytes(path, bytes);
    BOOST_TEST(code_of(database::open(path)) == errc::corrupt);
  }
}

BOOST_AUTO_TEST_CASE(rows_of_a_collection_that_the_log_does_not_know_as_dropped_are_not_swept) {
  const prepared file;
  file.run("UPDATE collections SET dropped_at = 3");
  {
    auto opened = open_file(file.path);
    auto other = must(opened.collection("other", shape(4)));
    must(other.put("a", point(1)));
    BOOST_TEST(code_of(other.compact()) == errc::corrupt);
  }
  file.run("UPDATE collections SET dropped_at = NULL WHERE name = 'c'");
  check_right(file);
}

// Chunks hold nothing that the rows do not give again, also where SQLite itself cannot read their pages.
BOOST_AUTO_TEST_CASE(pages_of_a_base_that_sqlite_cannot_read_do_not_stand_in_the_way_of_answers) {
  constexpr std::size_t page = 4'096;
  const prepared file;
  const auto bytes = bytes_of(file.path);
  for (const std::string table : {"chunks", "sqlite_autoindex_chunks_1", "bases"}) {
    const auto root = static_cast<std::size_t>(
      raw_file{file.path}.number("SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'"));
    for (const char with : {'\0', '\xa5'})
      BOOST_TEST_CONTEXT(table << " filled with " << static_cast<int>(with)) {
        auto changed = bytes;
        changed.replace((root - 1) * page, page, std::string(page, with));
        for (const auto* suffix : {"", "-wal", "-shm"})
          std::filesystem::remove(file.path + suffix);
        write_bytes(file.path, changed);
        check_right(file);
      }
  }
}

BOOST_AUTO_TEST_SUITE_END()
