// Reading without the right to write. The superuser has every right, so these run as somebody else in a child.

#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/sidecar.hpp"

#include "tests/storage/store.hpp"
#include "tests/support/child.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

using std::filesystem::perms;

/// A file with one item, closed, that others may read.
struct readable_file {
  readable_file() {
    {
      store made;
      const auto words = made.make("words", 2);
      made.commit([&] { must(made.file->put(words, std::vector<item>{{"a", std::vector<float>{1, 2}}})); });
      for (const auto* suffix : {"", "-wal", "-shm", "-lodge"})
        std::filesystem::copy_file(made.path + suffix, path + suffix);
    }
    std::filesystem::permissions(directory.path(), perms{0755});
    for (const auto* suffix : {"", "-wal", "-shm", "-lodge"})
      std::filesystem::permissions(path + suffix, perms{0644});
  }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{directory.path()}, {}));
  }

  scratch_directory directory;
  std::string path = directory.file();
};

errc item_is_read(const std::string& path) {
  if (const auto judged = judge_file(path); !judged)
    return judged.error().code;
  const auto opened = reader::open(path);
  if (!opened)
    return opened.error().code;
  const auto words = (*opened)->collections();
  if (!words)
    return words.error().code;
  return code_of((*opened)->get(words->at(0).id, "a"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(reading_only)

BOOST_AUTO_TEST_CASE(a_file_is_read_through_the_shm_beside_it_and_nothing_is_written) {
  const readable_file in;
  BOOST_TEST(as_nobody([&] { return item_is_read(in.path); }) == errc::none);
  BOOST_TEST(in.files() == 4U);
  // To write it is another matter.
  BOOST_TEST(as_nobody([&] { return code_of(prepare_file(in.path, false)); }) == errc::permission_denied);
}

BOOST_AUTO_TEST_CASE(without_a_shm_it_is_refused_and_none_is_made) {
  const readable_file in;
  std::filesystem::remove(in.path + "-shm");
  BOOST_TEST(as_nobody([&] { return item_is_read(in.path); }) == errc::needs_recovery);
  BOOST_TEST(item_is_read(in.path) == errc::needs_recovery);
  BOOST_TEST(in.files() == 3U);
  must(prepare_file(in.path, false));
  BOOST_TEST(item_is_read(in.path) == errc::none);
}

BOOST_AUTO_TEST_CASE(without_its_wal_the_items_in_it_are_missed_and_nothing_is_made_up) {
  const readable_file in;
  std::filesystem::remove(in.path + "-wal");
  const auto code = as_nobody([&] { return item_is_read(in.path); });
  BOOST_TEST(code != errc::none);
  BOOST_TEST(in.files() == 3U);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_ours_or_not_there_is_told_as_for_writing) {
  const scratch_directory directory;
  BOOST_TEST(code_of(judge_file(directory.file("missing"))) == errc::file_not_found);
  sql(directory.file("foreign"), "CREATE TABLE t(x)");
  BOOST_TEST(code_of(judge_file(directory.file("foreign"))) == errc::foreign_file);
}

BOOST_AUTO_TEST_SUITE_END()
