#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"

using namespace lodge;
using namespace lodge::test;

namespace {

using damage = std::function<void(raw_file&)>;

constexpr std::size_t count = 2'500;

/// A closed file with two compacted collections of one shape, and a delta; their bases have two chunks each.
struct prepared {
  scratch_directory directory;
  exact_model model{metric::l2};
  std::vector<std::vector<float>> vectors = clustered_vectors(count, 4, 17);
  std::string bytes;

  prepared() {
    {
      auto wanted = shape(4);
      wanted.m = 64;
      wanted.ef_construction = 40;
      auto opened = open_file(directory.file());
      auto stored = must(opened.collection("c", wanted));
      auto other = must(opened.collection("other", wanted));
      const auto compacted = std::span{vectors}.first(count - 100);
      put_all(stored, compacted, &model);
      put_all(other, clustered_vectors(compacted.size(), 4, 71));
      must(stored.compact());
      must(other.compact());
      put_all(stored, std::span{vectors}.last(100), &model, compacted.size());
    }
    bytes = bytes_of(directory.file());
    raw_file raw{directory.file()};
    BOOST_REQUIRE_EQUAL(raw.number("SELECT count(*) FROM chunks"), 4);
    BOOST_REQUIRE_EQUAL(raw.number("SELECT count(DISTINCT length(bytes)) FROM chunks"), 2);
  }

  std::string damaged_by(const damage& what) const {
    // SQLite's own files of the former round would not fit these bytes.
    for (const auto* suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(directory.file() + suffix);
    write_bytes(directory.file(), bytes);
    raw_file raw{directory.file()};
    what(raw);
    return directory.file();
  }
};

/// The damage must have happened, or a test of it tells nothing.
damage sql(const std::string& text) {
  return [text](raw_file& raw) {
    raw.run(text);
    BOOST_REQUIRE(raw.number("SELECT total_changes()") > 0);
  };
}

constexpr const char* mine = "(SELECT id FROM collections WHERE name = 'c')";

damage in_chunk(int ordinal, int byte) {
  return [=](raw_file& raw) {
    raw.flip_bit(
      "chunks", "bytes",
      raw.number("SELECT rowid FROM chunks WHERE ordinal = " + std::to_string(ordinal) + " AND collection = " + mine),
      byte);
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(damage_of_bases)

// 17
BOOST_AUTO_TEST_CASE(a_damaged_base_is_noticed_and_rebuilt_while_answers_stay_right) {
  const prepared file;
  const std::string ours = std::string{" WHERE collection = "} + mine;
  // A swap in three steps, since neither place may be taken twice.
  const std::string swap_segments = "CREATE TEMP TABLE s AS SELECT DISTINCT segment, collection FROM chunks ORDER BY 1;"
                                    "UPDATE chunks SET segment = segment + 1000;"
                                    "UPDATE chunks SET segment = (SELECT segment FROM s WHERE s.segment <>"
                                    " chunks.segment - 1000)";
  const std::vector<std::pair<std::string, damage>> damages{
    {"a bit of the labels", in_chunk(0, 3)},
    {"a bit of the last label", in_chunk(0, 8 * (static_cast<int>(count) - 101))},
    {"a bit in the middle", in_chunk(0, 600'000)},
    {"the last bit", in_chunk(1, -1)},
    {"the first chunk is missing", sql("DELETE FROM chunks" + ours + " AND ordinal = 0")},
    {"the last chunk is missing", sql("DELETE FROM chunks" + ours + " AND ordinal = 1")},
    {"all chunks are missing", sql("DELETE FROM chunks" + ours)},
    {"a chunk is cut short", sql("UPDATE chunks SET bytes = substr(bytes, 1, 1000)" + ours + " AND ordinal = 1")},
    {"a chunk is empty", sql("UPDATE chunks SET bytes = x''" + ours + " AND ordinal = 0")},
    {"a checksum is another", sql("UPDATE chunks SET checksum = checksum + 1" + ours + " AND ordinal = 0")},
    {"two chunks in each other's place",
     sql("UPDATE chunks SET ordinal = 9 - ordinal" + ours + "; UPDATE chunks SET ordinal = ordinal - 8" + ours)},
    {"another collection's segment", sql(swap_segments)},
    {"another collection's segment under our name",
     sql(swap_segments
         + "; UPDATE chunks SET collection = (SELECT s.collection FROM s WHERE s.collection <>"
           " chunks.collection)")},
    {"a bit of the manifest",
     [](raw_file& raw) { raw.flip_bit("bases", "manifest", raw.number(std::string{"SELECT "} + mine), 30); }},
    {"a manifest cut short", sql("UPDATE bases SET manifest = substr(manifest, 1, 40)" + ours)},
    {"an empty manifest", sql("UPDATE bases SET manifest = ''" + ours)},
    {"another collection's manifest",
     sql("CREATE TEMP TABLE b AS SELECT * FROM bases; UPDATE bases SET (manifest, checksum) ="
         " (SELECT manifest, checksum FROM b WHERE b.collection <> bases.collection)")},
  };
  for (const auto& [name, what] : damages) {
    BOOST_TEST_CONTEXT(name) {
      const auto path = file.damaged_by(what);
      {
        auto opened = open_file(path);
        auto stored = must(opened.collection("c"));
        check_against(file.model, stored, std::span{file.vectors}.first(20));
        std::size_t round = 0;
        BOOST_TEST(eventually([&] {
          const auto& query = file.vectors[round++ % count];
          BOOST_TEST(file.model.mismatch(query, 5, must(stored.search(query, nearest(5, true)))) == "");
          BOOST_TEST(must(stored.search(query, nearest(1))).at(0).score == 0);
          const auto stats = must(stored.stats());
          return stats.compactions == 1 && stats.compaction == "idle" && stats.graph_vectors == count;
        }));
        BOOST_TEST(must(stored.stats()).compaction_error == "");
        check_against(file.model, stored, std::span{file.vectors}.last(20));
        BOOST_TEST(found_first(stored, std::span{file.vectors}.first(200), 0, nearest(1)) >= 199U);
      }
      auto opened = open_file(path);
      auto stored = must(opened.collection("c"));
      check_against(file.model, stored, std::span{file.vectors}.first(5));
      BOOST_TEST(eventually([&] { return must(stored.stats()).graph_vectors == count; }));
      BOOST_TEST(must(stored.stats()).compactions == 0U);
    }
  }
}

// 17
BOOST_AUTO_TEST_CASE(a_base_that_is_missing_altogether_is_made_again_by_the_next_compaction) {
  const prepared file;
  auto opened = open_file(file.damaged_by(sql(std::string{"DELETE FROM bases WHERE collection = "} + mine)));
  auto stored = must(opened.collection("c"));
  check_against(file.model, stored, std::span{file.vectors}.first(20));
  BOOST_TEST(must(stored.compact()).vectors == count);
  check_against(file.model, stored, std::span{file.vectors}.first(20));
  BOOST_TEST(must(stored.stats()).graph_vectors == count);
}

BOOST_AUTO_TEST_CASE(a_damaged_base_does_not_disturb_the_compaction_of_another_collection) {
  const prepared file;
  const std::string no_manifest = "UPDATE bases SET manifest = '' WHERE collection = ";
  auto opened = open_file(file.damaged_by(sql(no_manifest + mine)));
  auto other = must(opened.collection("other"));
  must(other.put("new", point(1'000)));
  must(other.compact());
  BOOST_TEST(must(other.search(point(1'000), nearest(1))).at(0).key == "new");
  auto stored = must(opened.collection("c"));
  check_against(file.model, stored, std::span{file.vectors}.first(20));
}

BOOST_AUTO_TEST_SUITE_END()
