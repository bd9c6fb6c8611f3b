#include "tests/scenario/scenario.hpp"
#include "tests/support/child.hpp"

#include <array>

using namespace lodge;
using namespace lodge::test;

namespace {

database_options for_reading() {
  auto options = only_on_request();
  options.read_only = true;
  return options;
}

/// A closed file that everybody may read, with 300 vectors in its base and one after it.
struct shown_file {
  shown_file() {
    auto opened = open_file(path);
    auto stored = must(opened.collection("c", shape(4)));
    put_all(stored, clustered_vectors(300, 4, 4));
    must(stored.compact());
    must(stored.put("last", point(7)));
    std::filesystem::permissions(directory.path(), static_cast<std::filesystem::perms>(0755));
  }
  scratch_directory directory;
  std::string path = directory.file();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(opened_for_reading, shown_file)

BOOST_AUTO_TEST_CASE(who_may_only_read_searches_and_gets) {
  BOOST_TEST(as_nobody([&] {
               auto opened = database::open(path, for_reading());
               if (!opened)
                 return opened.error().code;
               auto stored = opened->collection("c");
               if (!stored)
                 return stored.error().code;
               const auto hits = stored->search(point(7), nearest(400));
               const auto got = stored->get("last");
               if (!hits || !got)
                 return code_of(hits) == errc::none ? code_of(got) : code_of(hits);
               return hits->size() == 301 && hits->front().key == "last" ? errc::none : errc::internal;
             })
             == errc::none);
  BOOST_TEST(as_nobody([&] { return code_of(database::open(path)); }) == errc::permission_denied);
}

BOOST_AUTO_TEST_CASE(every_change_is_refused_and_leaves_no_trace) {
  auto opened = open_file(path, for_reading());
  auto stored = must(opened.collection("c"));
  BOOST_TEST(code_of(stored.put("a", point(1))) == errc::read_only);
  BOOST_TEST(code_of(stored.remove("last")) == errc::read_only);
  BOOST_TEST(code_of(stored.update_metadata("last", "1")) == errc::read_only);
  BOOST_TEST(code_of(stored.compact()) == errc::read_only);
  BOOST_TEST(code_of(opened.drop_collection("c")) == errc::read_only);
  BOOST_TEST(code_of(opened.collection("new", shape(4))) == errc::collection_not_found);
  BOOST_TEST(must(stored.size()) == 301U);
  BOOST_TEST(must(stored.stats()).vectors == 301U);
  must(opened.backup(directory.file("copy")));
  must_do(opened.close());
  BOOST_TEST(code_of(stored.put("a", point(1))) == errc::closed);
  BOOST_TEST(must(must(open_file(directory.file("copy")).collection("c")).size()) == 301U);
}

BOOST_AUTO_TEST_CASE(a_reader_sees_what_is_written_meanwhile) {
  auto written = open_file(path);
  auto target = must(written.collection("c"));
  auto opened = open_file(path, for_reading());
  auto stored = must(opened.collection("c"));
  must(stored.search(point(0)));
  const auto at = must(target.put("new", point(-50)));
  BOOST_TEST(must(stored.search(point(-50), since(at, nearest(1)))).front().key == "new");
  must(target.remove("new"));
  BOOST_TEST(eventually([&] { return must(stored.search(point(-50), nearest(1))).front().key != "new"; }));
  must(target.compact());
  BOOST_TEST(eventually([&] { return must(stored.stats()).base_covers >= at.number; }));
  BOOST_TEST(must(stored.search(point(7), nearest(400))).size() == 301U);
}

BOOST_AUTO_TEST_CASE(without_its_shm_the_file_asks_for_a_writer_first) {
  std::filesystem::remove(path + "-shm");
  const auto refused = database::open(path, for_reading());
  BOOST_TEST(code_of(refused) == errc::needs_recovery);
  BOOST_TEST(!std::filesystem::exists(path + "-shm"));
  { open_file(path); }
  BOOST_TEST(must(must(open_file(path, for_reading()).collection("c")).size()) == 301U);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_is_not_made) {
  BOOST_TEST(code_of(database::open(directory.file("missing"), for_reading())) == errc::file_not_found);
  BOOST_TEST(!std::filesystem::exists(directory.file("missing")));
}

BOOST_AUTO_TEST_SUITE_END()
