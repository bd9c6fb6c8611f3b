// What is freed after a base was published, and what is not: storage::writer::sweep and forget_history.

#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/snapshot.hpp"
#include "storage/writer.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

struct swept_file : store {
  collection_id words = make("words", 4);
  manifest base;

  std::uint64_t put(const std::string& key) {
    const std::vector<item> items{{key, std::vector<float>{1, 2, 3, 4}}};
    return commit([&] { must(file->put(words, items)); });
  }

  std::uint64_t remove(const std::string& key) {
    const std::vector<std::string> keys{key};
    return commit([&] { BOOST_TEST(must(file->remove(words, keys)).removed == 1U); });
  }

  std::uint64_t store_segment(collection_id of, std::uint64_t chunks = 1) {
    std::uint64_t id = 0;
    commit([&] { id = must(file->new_segment()); });
    for (std::uint64_t ordinal = 0; ordinal < chunks; ++ordinal)
      commit([&] { must_do(file->add_chunk({of, id, ordinal, {1, 2, 3}})); });
    return id;
  }

  /// Publishes a base of everything up to now.
  void publish() {
    const auto watermark = must(read->figures(words)).number;
    base = {base.version + 1, base.version + 1, watermark, base.watermark, {{store_segment(words), 1, 3, 1}}};
    commit([&] { must(file->publish(words, base)); });
  }

  /// Publishes a base whose segment begins with these labels.
  void publish_holding(const std::vector<std::uint64_t>& labels, std::uint64_t checksum_error = 0) {
    const auto watermark = must(read->figures(words)).number;
    std::uint64_t id = 0;
    commit([&] { id = must(file->new_segment()); });
    const auto* first = reinterpret_cast<const std::uint8_t*>(labels.data());
    std::vector<std::uint8_t> bytes(first, first + labels.size() * sizeof(std::uint64_t));
    bytes.insert(bytes.end(), 5, 0);
    // In two chunks, cut within a label.
    const auto cut = static_cast<std::ptrdiff_t>(bytes.size() / 2 + 3);
    commit([&] { must_do(file->add_chunk({words, id, 0, {bytes.begin(), bytes.begin() + cut}})); });
    commit([&] { must_do(file->add_chunk({words, id, 1, {bytes.begin() + cut, bytes.end()}})); });
    base = {base.version + 1, base.version + 1, watermark, base.watermark, {{id, labels.size(), bytes.size(), 2}}};
    commit([&] { must(file->publish(words, base)); });
    if (checksum_error != 0)
      sql(path, "UPDATE chunks SET checksum = checksum + " + std::to_string(checksum_error));
  }

  void forget() {
    commit([&] { must_do(file->forget_history(words)); });
  }

  /// Sweeps in slices until there is no more to do. @returns How many there were.
  int sweep(std::uint64_t limit = 3) {
    int slices = 0;
    for (bool more = true; more && slices < 10'000; ++slices)
      commit([&] { more = must(file->sweep(limit)); });
    BOOST_TEST(slices < 10'000);
    return slices;
  }

  std::int64_t count(const std::string& from) { return sql(path, "SELECT count(*) FROM " + from); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sweeping, swept_file)

BOOST_AUTO_TEST_CASE(without_a_base_there_is_nothing_to_forget_or_to_sweep) {
  put("a");
  put("a");
  remove("a");
  forget();
  BOOST_TEST(sweep() == 1);
  BOOST_TEST(count("items") == 2);
  BOOST_TEST(count("pending") + count("deletions") == 5);
  BOOST_TEST(!must(read->log_after(words, 0, true)).truncated);
}

BOOST_AUTO_TEST_CASE(what_died_before_the_previous_watermark_is_freed_and_the_rest_is_kept) {
  put("a");
  put("b");
  const auto kept = put("c");
  remove("a");
  publish();
  const auto died_between = put("d");
  remove("b");
  remove("d");
  sweep();
  // One publishing late is no reason to load anew: all is there.
  BOOST_TEST(count("items") == 4);
  BOOST_TEST(!must(read->log_after(words, 0, true)).truncated);
  publish();
  const auto later = put("e");
  remove("c");
  sweep();
  BOOST_TEST(count("items WHERE key = 'a'") == 0);
  BOOST_TEST(count("items WHERE label = " + std::to_string(died_between)) == 1);
  BOOST_TEST(count("items WHERE label = " + std::to_string(kept)) == 1);
  BOOST_TEST(count("items WHERE key = 'b'") == 1);
  BOOST_TEST(count("items WHERE label = " + std::to_string(later)) == 1);
  BOOST_TEST(count("vectors") == count("items"));
  // The logs are cut at the watermark before the present one, and whole after it.
  BOOST_TEST(count("pending WHERE number <= " + std::to_string(base.previous_watermark)) == 0);
  BOOST_TEST(count("deletions WHERE number <= " + std::to_string(base.previous_watermark)) == 0);
  BOOST_TEST(must(read->log_after(words, base.previous_watermark - 1, true)).truncated);
  const auto page = must(read->log_after(words, base.previous_watermark, true));
  BOOST_TEST(!page.truncated);
  BOOST_TEST(page.entries.size() == 7U);
}

BOOST_AUTO_TEST_CASE(a_snapshot_begun_before_the_sweep_reads_all_that_it_saw) {
  put("a");
  put("b");
  const auto seen = must(snapshot::open(path, words));
  remove("a");
  publish();
  forget();
  sweep();
  BOOST_TEST(count("items") == 1);
  const auto labels = must(seen->living_labels());
  BOOST_TEST(labels.size() == 2U);
  must_do(seen->read_rows(labels, [](const row_seen&) {}));
}

BOOST_AUTO_TEST_CASE(forgetting_history_frees_every_dead_row_and_log_entry_up_to_the_base) {
  const std::vector<std::uint64_t> label{put("a")};
  put("b");
  put("b");
  remove("a");
  publish();
  sweep();
  BOOST_TEST(must(read->metadata(label, label[0])).has_value());
  BOOST_TEST(must(read->figures(words)).dead_rows == 2U);
  forget();
  sweep();
  const auto figures = must(read->figures(words));
  BOOST_TEST(!must(read->metadata(label, label[0])).has_value());
  BOOST_TEST(figures.dead_rows == 0U);
  BOOST_TEST(figures.items == 1U);
  BOOST_TEST(count("items") == 1);
  BOOST_TEST(count("vectors") == 1);
  // The base's own entry came after its watermark.
  BOOST_TEST(figures.log_entries == 1U);
  BOOST_TEST(figures.base_version == 1U);
  BOOST_TEST(must(must(snapshot::open(path, words))->base())->watermark == base.watermark);
  BOOST_TEST(must(read->log_after(words, base.watermark - 1, true)).truncated);
  BOOST_TEST(!must(read->log_after(words, base.watermark, true)).truncated);
}

BOOST_AUTO_TEST_CASE(dead_rows_that_the_base_holds_stay_and_those_that_never_came_into_it_go) {
  const auto died_in_it = put("a");
  const auto died_before = put("b");
  remove("b");
  const auto lives = put("c");
  remove("a");
  publish_holding({died_in_it, lives});
  forget();
  sweep(1);
  BOOST_TEST(count("items") == 2);
  BOOST_TEST(count("vectors") == 2);
  BOOST_TEST(count("items WHERE label = " + std::to_string(died_before)) == 0);
  // The log of it is cut all the same.
  BOOST_TEST(count("deletions") == 0);
  BOOST_TEST(sweep() == 1);
  // Once a base does not hold it, it goes.
  put("d");
  publish_holding({lives});
  forget();
  sweep();
  BOOST_TEST(count("items WHERE label = " + std::to_string(died_in_it)) == 0);
  BOOST_TEST(count("items") == 2);
}

BOOST_AUTO_TEST_CASE(dead_rows_of_which_only_a_damaged_base_knows_go) {
  const auto label = put("a");
  remove("a");
  publish_holding({label}, 1);
  forget();
  sweep();
  BOOST_TEST(count("items") == 0);
}

BOOST_AUTO_TEST_CASE(a_sweep_that_was_rolled_back_is_done_again) {
  put("a");
  put("b");
  remove("a");
  remove("b");
  const auto lives = put("c");
  publish_holding({lives});
  forget();
  must_do(file->begin(writer::clock::now()));
  BOOST_TEST(must(file->sweep(10)));
  file->roll_back();
  BOOST_TEST(count("items") == 3);
  sweep();
  BOOST_TEST(count("items") == 1);
}

BOOST_AUTO_TEST_CASE(a_sweep_passes_over_no_more_than_it_was_told) {
  std::vector<std::uint64_t> labels;
  for (int i = 0; i < 20; ++i)
    labels.push_back(put("a"));
  const auto after = put("a");
  remove("a");
  publish_holding(labels);
  forget();
  // Twenty that stay and one that goes, five a slice; then the log.
  int slices = 0;
  for (; count("items WHERE label = " + std::to_string(after)) == 1; ++slices)
    commit([&] { BOOST_TEST(must(file->sweep(5))); });
  BOOST_TEST(slices == 5);
  BOOST_TEST(count("items") == 20);
}

BOOST_AUTO_TEST_CASE(changes_after_the_base_survive_forgetting) {
  put("a");
  put("b");
  publish();
  remove("a");
  put("c");
  forget();
  sweep();
  BOOST_TEST(count("items") == 3);
  const auto page = must(read->log_after(words, base.watermark, true));
  BOOST_TEST(page.entries.size() == 3U);
}

BOOST_AUTO_TEST_CASE(chunks_that_no_manifest_names_are_freed_one_a_slice) {
  publish();
  const auto former = base.segments[0].id;
  store_segment(words, 4);
  store_segment(make("other", 4), 2);
  publish();
  sweep();
  BOOST_TEST(count("chunks") == 1);
  BOOST_TEST(count("chunks WHERE segment = " + std::to_string(former)) == 0);
  BOOST_TEST(must(must(snapshot::open(path, words))->segment_bytes(base.segments[0])).size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_dropped_collection_is_freed_and_its_neighbours_are_not) {
  const auto other = make("other", 4);
  const std::vector<item> items{{"a", std::vector<float>{1, 2, 3, 4}}, {"b"}};
  commit([&] { must(file->put(other, items)); });
  for (int i = 0; i < 10; ++i)
    put("key" + std::to_string(i));
  put("key1");
  remove("key2");
  publish();
  put("late");
  const auto dropped_at = commit([&] { must(file->drop_collection("words")); });
  BOOST_TEST(sweep() > 3);
  const auto of_words = " WHERE collection = " + std::to_string(words);
  BOOST_TEST(count("items" + of_words) == 0);
  BOOST_TEST(count("chunks") == 0);
  BOOST_TEST(count("bases") == 0);
  BOOST_TEST(count("deletions" + of_words) == 0);
  BOOST_TEST(count("vectors") == 1);
  // Who has not heard of the drop will.
  const auto page = must(read->log_after(words, dropped_at - 1, true));
  BOOST_REQUIRE(page.entries.size() == 1U);
  BOOST_TEST((page.entries[0].kind == entry_kind::drop));
  BOOST_TEST(must(read->size(other)) == 2U);
  BOOST_TEST(must(read->get(other, "a")).vector->size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_reader_late_by_a_drop_hears_of_it_at_every_moment_of_the_sweep) {
  const auto read_up_to = put("first");
  for (int i = 0; i < 6; ++i)
    put("key" + std::to_string(i));
  commit([&] { must(file->drop_collection("words")); });
  for (bool more = true; more;) {
    const auto page = read->log_after(words, read_up_to, true);
    BOOST_TEST(code_of(page) == errc::none);
    if (page && !page->truncated) {
      BOOST_REQUIRE(!page->entries.empty());
      BOOST_TEST((page->entries.back().kind == entry_kind::drop));
    }
    commit([&] { more = must(file->sweep(2)); });
  }
}

BOOST_AUTO_TEST_CASE(labels_are_not_used_again_after_a_sweep) {
  put("a");
  const auto last = remove("a");
  commit([&] { must(file->drop_collection("words")); });
  sweep();
  words = make("words", 4);
  BOOST_TEST(words == last + 2);
  BOOST_TEST(put("a") == last + 3);
  BOOST_TEST(must(read->size(words)) == 1U);
}

BOOST_AUTO_TEST_CASE(a_slice_frees_no_more_than_it_was_told) {
  for (int i = 0; i < 20; ++i)
    put("a");
  publish();
  forget();
  const auto before = count("items");
  commit([&] { BOOST_TEST(must(file->sweep(5))); });
  BOOST_TEST(count("items") == before - 5);
}

BOOST_AUTO_TEST_CASE(the_file_shrinks_after_most_rows_are_gone) {
  std::vector<item> items;
  std::vector<std::string> keys;
  for (int i = 0; i < 20'000; ++i) {
    keys.push_back("key" + std::to_string(i));
    items.push_back({keys.back(), std::vector<float>{1, 2, 3, 4}, R"({"text":")" + std::string(100, 'x') + "\"}"});
  }
  commit([&] { must(file->put(words, items)); });
  must_do(file->checkpoint_all(writer::clock::now() + std::chrono::seconds{5}));
  const auto full = std::filesystem::file_size(path);
  keys.resize(19'900);
  commit([&] { must(file->remove(words, keys)); });
  publish();
  forget();
  sweep(5'000);
  must_do(file->checkpoint_all(writer::clock::now() + std::chrono::seconds{5}));
  BOOST_TEST(std::filesystem::file_size(path) < full / 4);
  BOOST_TEST(must(read->size(words)) == 100U);
  BOOST_TEST(must(read->get(words, "key19950")).vector->size() == 4U);
  BOOST_TEST(sql(path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
