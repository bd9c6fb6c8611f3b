#include "storage/manifest_text.hpp"

#include "storage/checksum.hpp"
#include "storage/schema.hpp"
#include "storage/sqlite.hpp"
#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

const manifest sample{3, 2, 1'000'000'000'000, 900, {{7, 20, 2'000'000, 2}, {9, 1, 10, 1}}};

struct base_file {
  scratch_directory directory;
  std::uint64_t identity = must(prepare_file(directory.file(), true));
  connection on{directory.file(), access::read_write};

  void store(collection_id collection, const std::string& text, std::uint64_t checksum) {
    statement save{on, "INSERT OR REPLACE INTO bases(collection, manifest, checksum) VALUES (?, ?, ?)"};
    save.with(collection, text, checksum).run();
  }

  errc refusal(collection_id collection) {
    return code_of(guarded([&] { return read_manifest(on, collection); }));
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(manifest_texts)

BOOST_AUTO_TEST_CASE(the_text_is_json_with_the_fields_in_the_order_of_the_format) {
  BOOST_TEST(to_text(sample)
             == R"({"version":3,"lineage":2,"watermark":1000000000000,"previous_watermark":900,"segments":[)"
                R"({"id":7,"vectors":20,"bytes":2000000,"chunks":2},{"id":9,"vectors":1,"bytes":10,"chunks":1}]})");
  BOOST_TEST(to_text({1, 1, 5, 0, {}})
             == R"({"version":1,"lineage":1,"watermark":5,"previous_watermark":0,"segments":[]})");
}

BOOST_FIXTURE_TEST_CASE(what_was_written_is_read, base_file) {
  const auto text = to_text(sample);
  store(4, text, manifest_checksum(4, text));
  const auto read = read_manifest(on, 4);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(to_text(*read) == text);
  BOOST_TEST((read->segments == sample.segments));
}

BOOST_FIXTURE_TEST_CASE(a_collection_without_a_row_has_no_manifest, base_file) {
  BOOST_TEST(!read_manifest(on, 4).has_value());
}

BOOST_FIXTURE_TEST_CASE(any_changed_character_is_refused, base_file) {
  const auto text = to_text(sample);
  for (std::size_t place = 0; place < text.size(); ++place) {
    auto changed = text;
    changed[place] = changed[place] == '1' ? '2' : '1';
    store(4, changed, manifest_checksum(4, text));
    BOOST_TEST(refusal(4) == errc::base_corrupt);
  }
}

BOOST_FIXTURE_TEST_CASE(the_manifest_of_another_collection_is_refused, base_file) {
  const auto text = to_text(sample);
  store(5, text, manifest_checksum(4, text));
  BOOST_TEST(refusal(5) == errc::base_corrupt);
}

BOOST_FIXTURE_TEST_CASE(a_text_with_the_right_checksum_that_is_no_manifest_is_refused, base_file) {
  for (const std::string text : {"", "no json", "{}", "[]", "null", R"({"version":1,"lineage":1,"watermark":5})",
                                 R"({"version":"1","lineage":1,"watermark":5,"previous_watermark":0,"segments":[]})",
                                 R"({"version":1,"lineage":1,"watermark":5,"previous_watermark":0,"segments":[{}]})",
                                 R"({"version":1,"lineage":1,"watermark":5,"previous_watermark":0,"segments":[7]})"}) {
    store(4, text, manifest_checksum(4, text));
    BOOST_TEST_CONTEXT(text)
    BOOST_TEST(refusal(4) == errc::base_corrupt);
  }
}

BOOST_AUTO_TEST_SUITE_END()
