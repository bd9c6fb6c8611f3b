#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/snapshot.hpp"
#include "storage/writer.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

using bytes = std::vector<std::uint8_t>;

struct based_file : store {
  collection_id words = make("words", 1);

  std::uint64_t put(const std::string& key) {
    const std::vector<item> items{{key, std::vector<float>{1}}};
    return commit([&] { must(file->put(words, items)); });
  }

  /// A segment of three chunks, stored and not yet published. Each byte says which segment and chunk it is of.
  segment_record store_segment(collection_id of) {
    segment_record made;
    commit([&] { made.id = must(file->new_segment()); });
    for (made.chunks = 0; made.chunks < 3; ++made.chunks) {
      const bytes part(100 + made.chunks, static_cast<std::uint8_t>(10 * made.id + made.chunks));
      commit([&] { must_do(file->add_chunk({of, made.id, made.chunks, part})); });
      made.bytes += part.size();
    }
    made.vectors = 5;
    return made;
  }

  errc publish(const manifest& next) {
    auto code = errc::none;
    commit([&] { code = code_of(file->publish(words, next)); });
    return code;
  }

  /// What a reader who comes now makes of a segment.
  errc segment_error(const segment_record& what) { return code_of(opened()->segment_bytes(what)); }
  std::unique_ptr<snapshot> opened() { return must(snapshot::open(path, words)); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(writing_bases, based_file)

BOOST_AUTO_TEST_CASE(a_collection_has_no_base_at_first) {
  BOOST_TEST(!must(opened()->base()).has_value());
  BOOST_TEST(must(read->distance_to_base(words)).version == 0U);
}

BOOST_AUTO_TEST_CASE(a_published_base_is_read_with_the_bytes_of_its_segments) {
  const auto covered = put("a");
  const auto first = store_segment(words);
  const auto second = store_segment(words);
  const manifest next{1, 1, covered, 0, {first, second}};
  const auto at = commit([&] { must(file->publish(words, next)); });
  BOOST_TEST(at == covered + 1);
  const auto seen = opened();
  const auto base = must(seen->base());
  BOOST_REQUIRE(base.has_value());
  BOOST_TEST(base->version == 1U);
  BOOST_TEST(base->watermark == covered);
  BOOST_TEST((base->segments == next.segments));
  bytes expected(100, static_cast<std::uint8_t>(10 * second.id));
  expected.insert(expected.end(), 101, static_cast<std::uint8_t>(10 * second.id + 1));
  expected.insert(expected.end(), 102, static_cast<std::uint8_t>(10 * second.id + 2));
  BOOST_TEST((must(seen->segment_bytes(second)) == expected));
  const auto figures = must(read->figures(words));
  BOOST_TEST(figures.base_version == 1U);
  BOOST_TEST(figures.base_vectors == 10U);
  BOOST_TEST(figures.base_bytes == 606U);
  BOOST_TEST(figures.base_covers == covered);
}

BOOST_AUTO_TEST_CASE(segments_have_numbers_of_their_own_that_are_not_used_again) {
  const auto first = store_segment(words);
  const auto second = store_segment(make("other", 1));
  BOOST_TEST(second.id == first.id + 1);
}

BOOST_AUTO_TEST_CASE(only_the_version_after_the_present_one_is_published) {
  const auto covered = put("a");
  BOOST_TEST(publish({2, 2, covered, 0, {}}) == errc::conflict);
  BOOST_TEST(publish({0, 0, covered, 0, {}}) == errc::conflict);
  BOOST_TEST(publish({1, 1, covered, 0, {}}) == errc::none);
  BOOST_TEST(publish({1, 1, covered, 0, {}}) == errc::conflict);
  BOOST_TEST(publish({3, 3, covered, covered, {}}) == errc::conflict);
  // Of segments that grew from another one.
  BOOST_TEST(publish({2, 0, covered, covered, {}}) == errc::conflict);
  BOOST_TEST(publish({2, 3, covered, covered, {}}) == errc::conflict);
  BOOST_TEST(publish({2, 1, covered, covered, {}}) == errc::none);
  BOOST_TEST(must(opened()->base())->version == 2U);
}

BOOST_AUTO_TEST_CASE(a_base_does_not_go_back_to_an_older_watermark) {
  const auto older = put("a");
  const auto newer = put("b");
  BOOST_TEST(publish({1, 1, newer, 0, {}}) == errc::none);
  BOOST_TEST(publish({2, 2, older, newer, {}}) == errc::conflict);
  BOOST_TEST(must(opened()->base())->watermark == newer);
}

BOOST_AUTO_TEST_CASE(a_base_whose_chunks_are_not_all_there_is_not_published) {
  const auto covered = put("a");
  const auto whole = store_segment(words);
  auto missing = whole;
  missing.chunks = 4;
  BOOST_TEST(publish({1, 1, covered, 0, {missing}}) == errc::conflict);
  auto shorter = whole;
  shorter.bytes -= 1;
  BOOST_TEST(publish({1, 1, covered, 0, {shorter}}) == errc::conflict);
  BOOST_TEST(publish({1, 1, covered, 0, {whole, {99, 1, 10, 1}}}) == errc::conflict);
  BOOST_TEST(publish({1, 1, covered, 0, {store_segment(make("other", 1))}}) == errc::conflict);
  sql(path, "DELETE FROM chunks WHERE ordinal = 1 AND segment = " + std::to_string(whole.id));
  BOOST_TEST(publish({1, 1, covered, 0, {whole}}) == errc::conflict);
  BOOST_TEST(!must(opened()->base()).has_value());
  BOOST_TEST(must(read->figures(words)).number == covered + 1);
}

BOOST_AUTO_TEST_CASE(a_reader_of_the_former_base_reads_it_to_its_end) {
  const auto covered = put("a");
  const auto former = store_segment(words);
  BOOST_TEST(publish({1, 1, covered, 0, {former}}) == errc::none);
  const auto seen = opened();
  BOOST_TEST(publish({2, 2, covered, covered, {}}) == errc::none);
  commit([&] {
    while (must(file->sweep(100))) {
    }
  });
  BOOST_TEST(must(seen->base())->version == 1U);
  BOOST_TEST(must(seen->segment_bytes(former)).size() == former.bytes);
  BOOST_TEST(must(opened()->base())->version == 2U);
}

BOOST_AUTO_TEST_CASE(the_distance_to_the_base_counts_each_change_once) {
  put("a");
  put("b");
  BOOST_TEST(must(read->distance_to_base(words)).changes == 2U);
  const auto covered = put("a");
  BOOST_TEST(must(read->distance_to_base(words)).changes == 3U);
  BOOST_TEST(publish({1, 1, covered, 0, {store_segment(words)}}) == errc::none);
  auto distance = must(read->distance_to_base(words));
  BOOST_TEST(distance.version == 1U);
  BOOST_TEST(distance.watermark == covered);
  BOOST_TEST(distance.vectors == 5U);
  BOOST_TEST(distance.changes == 0U);
  // An update, a removal, an item without vector; another collection's changes do not count.
  put("a");
  const std::vector<std::string> keys{"b", "missing"};
  const std::vector<item> plain{{"c"}};
  commit([&] { must(file->remove(words, keys)); });
  commit([&] { must(file->put(words, plain)); });
  const auto other = make("other", 1);
  commit([&] { must(file->put(other, plain)); });
  BOOST_TEST(must(read->distance_to_base(words)).changes == 3U);
  BOOST_TEST(must(read->figures(words)).changes_since_base == 3U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(damaged_bases, based_file)

BOOST_AUTO_TEST_CASE(damage_to_chunks_is_noticed) {
  const auto segment = store_segment(words);
  const auto other = store_segment(words);
  BOOST_TEST(publish({1, 1, put("a"), 0, {segment, other}}) == errc::none);
  BOOST_TEST(segment_error(segment) == errc::none);
  const auto where = " WHERE segment = " + std::to_string(segment.id);
  const auto from_other =
    " (SELECT bytes FROM chunks o WHERE o.segment = " + std::to_string(other.id) + " AND o.ordinal = chunks.ordinal)";
  const std::string damages[] = {
    // A flipped byte, an empty chunk, a cut one.
    "UPDATE chunks SET bytes = x'FF' || substr(bytes, 2)" + where + " AND ordinal = 1",
    "UPDATE chunks SET bytes = x''" + where + " AND ordinal = 2",
    "UPDATE chunks SET bytes = substr(bytes, 1, 100)" + where + " AND ordinal = 2",
    // Missing ones: first, middle, last, all.
    "DELETE FROM chunks" + where + " AND ordinal = 0", "DELETE FROM chunks" + where + " AND ordinal = 1",
    "DELETE FROM chunks" + where + " AND ordinal = 2", "DELETE FROM chunks" + where,
    // Swapped within the segment, with their checksums.
    "UPDATE chunks SET ordinal = 9 - ordinal" + where + " AND ordinal < 2; UPDATE chunks SET ordinal = ordinal - 8"
      + where + " AND ordinal > 2",
    // Another segment's, with and without its checksum; another collection's.
    "UPDATE chunks SET bytes =" + from_other + where,
    "UPDATE chunks SET checksum = (SELECT checksum FROM chunks o WHERE o.segment = " + std::to_string(other.id)
      + " AND o.ordinal = chunks.ordinal), bytes =" + from_other + where,
    "UPDATE chunks SET collection = 99" + where,
    "UPDATE chunks SET checksum = checksum + 1" + where + " AND ordinal = 0"};
  for (const auto& damage : damages) {
    sql(path, "CREATE TABLE kept AS SELECT * FROM chunks; " + damage);
    BOOST_TEST_CONTEXT(damage) {
      BOOST_TEST(segment_error(segment) == errc::base_corrupt);
      BOOST_TEST(segment_error(other) == errc::none);
    }
    sql(path, "DELETE FROM chunks; INSERT INTO chunks SELECT * FROM kept; DROP TABLE kept");
  }
  BOOST_TEST(segment_error(segment) == errc::none);
}

BOOST_AUTO_TEST_CASE(a_damaged_manifest_is_an_error_that_the_next_publishing_heals) {
  const auto segment = store_segment(words);
  BOOST_TEST(publish({1, 1, put("a"), 0, {segment}}) == errc::none);
  sql(path, "UPDATE bases SET manifest = replace(manifest, 'version\":1', 'version\":2')");
  BOOST_TEST(code_of(opened()->base()) == errc::base_corrupt);
  // It counts as none: everything is a change since then.
  BOOST_TEST(must(read->distance_to_base(words)).version == 0U);
  BOOST_TEST(must(read->distance_to_base(words)).changes == 1U);
  commit([&] { must_do(file->forget_history(words)); });
  BOOST_TEST(publish({1, 1, put("b"), 0, {segment}}) == errc::none);
  BOOST_TEST(must(opened()->base())->version == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
