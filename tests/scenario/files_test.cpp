#include "tests/scenario/raw_file.hpp"
#include "tests/scenario/scenario.hpp"
#include "tests/support/child.hpp"

#include <algorithm>
#include <map>

using namespace lodge;
using namespace lodge::test;

namespace {

/// Every file of a directory with its bytes.
std::map<std::string, std::string> content(const scratch_directory& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory.path()})
    if (entry.is_regular_file())
      files[entry.path().string()] = bytes_of(entry.path().string());
  return files;
}

void check_refused(const scratch_directory& directory, errc code, const std::string& name = "test.lodge") {
  const auto before = content(directory);
  for (const bool create : {true, false}) {
    auto options = only_on_request();
    options.create = create;
    const auto opened = database::open(directory.file(name), options);
    BOOST_TEST(code_of(opened) == code);
    BOOST_TEST((opened || opened.error().detail.size() > 10));
  }
  const auto after = content(directory);
  BOOST_TEST((after == before));
  for (const auto& [path, bytes] : after)
    BOOST_TEST(before.contains(path), path << " was made");
}

errc opened_by_nobody(const std::string& path) {
  return as_nobody([&] { return code_of(database::open(path)); });
}

/// A closed file with some items.
void make_file(const std::string& path, std::size_t count = 500) {
  auto opened = open_file(path);
  auto stored = must(opened.collection("c", shape(4)));
  put_all(stored, clustered_vectors(count, 4, 16));
  must(stored.compact());
}

} // namespace

BOOST_AUTO_TEST_SUITE(files)

// 16
BOOST_AUTO_TEST_CASE(a_file_that_is_not_sqlite_is_refused_without_a_byte_written) {
  std::string noise(20'000, '\0');
  std::mt19937 random{16};
  std::ranges::generate(noise, [&] { return static_cast<char>(random()); });
  for (const auto& bytes : {std::string{"x"}, std::string(100, 'x'), std::string(8'192, '\0'), noise,
                            std::string{"SQLite format 3"}, "SQLite format 3" + std::string(5'000, '\0')}) {
    const scratch_directory directory;
    write_bytes(directory.file(), bytes);
    BOOST_TEST_CONTEXT(bytes.size() << " bytes, " << bytes.substr(0, 16)) {
      check_refused(directory, errc::not_a_database);
    }
  }
}

// 16
BOOST_AUTO_TEST_CASE(a_file_of_another_application_is_refused_without_a_byte_written) {
  for (const std::string made_by :
       {"CREATE TABLE t(a); INSERT INTO t VALUES (1)", "PRAGMA application_id = 1196444487; CREATE TABLE t(a)",
        "PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)", "PRAGMA application_id = 1; VACUUM",
        "PRAGMA page_size = 512; CREATE TABLE items(a); PRAGMA user_version = 7"}) {
    const scratch_directory directory;
    { raw_file{directory.file()}.run(made_by); }
    BOOST_TEST_CONTEXT(made_by) { check_refused(directory, errc::foreign_file); }
  }
}

// 16
BOOST_AUTO_TEST_CASE(a_file_of_a_newer_format_is_refused_without_a_byte_written) {
  const scratch_directory directory;
  make_file(directory.file());
  { raw_file{directory.file()}.run("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)"); }
  check_refused(directory, errc::newer_format);
  const auto refused = database::open(directory.file());
  BOOST_TEST(refused.error().detail.find("99") != std::string::npos);
}

// 43
BOOST_AUTO_TEST_CASE(a_file_that_becomes_newer_while_it_is_open_is_written_no_more) {
  const scratch_directory directory;
  make_file(directory.file());
  auto opened = open_file(directory.file());
  auto stored = must(opened.collection("c"));
  must(stored.search(point(1)));
  const auto last = must(stored.put("a", point(1)));
  raw_file raw{directory.file()};
  raw.run("PRAGMA user_version = 99");
  for (int attempt = 0; attempt < 3; ++attempt) {
    BOOST_TEST(code_of(stored.put("b", point(2))) == errc::newer_format);
    BOOST_TEST(code_of(stored.remove("a")) == errc::newer_format);
    BOOST_TEST(code_of(opened.collection("new", shape(4))) == errc::newer_format);
    BOOST_TEST(code_of(opened.drop_collection("c")) == errc::newer_format);
  }
  BOOST_TEST(code_of(stored.compact()) == errc::newer_format);
  BOOST_TEST(static_cast<std::uint64_t>(raw.number("SELECT sequence FROM file")) == last.number);
  raw.run("PRAGMA user_version = 2");
  must(stored.put("b", point(2)));
}

BOOST_AUTO_TEST_CASE(a_path_that_is_no_file_or_leads_nowhere_is_refused) {
  const scratch_directory directory;
  std::filesystem::create_directory(directory.file("directory"));
  write_bytes(directory.file("plain"), "x");
  check_refused(directory, errc::not_a_database, "directory");
  check_refused(directory, errc::file_not_found, "missing/test.lodge");
  check_refused(directory, errc::file_not_found, "plain/test.lodge");
  auto options = only_on_request();
  options.create = false;
  BOOST_TEST(code_of(database::open(directory.file(), options)) == errc::file_not_found);
  BOOST_TEST(content(directory).size() == 1U);
  make_file(directory.file());
  auto opened = must(database::open(directory.file(), options));
  BOOST_TEST(must(must(opened.collection("c")).size()) == 500U);
}

BOOST_AUTO_TEST_CASE(who_has_no_rights_is_told_so) {
  const scratch_directory directory;
  using std::filesystem::perms;
  make_file(directory.file());
  const auto rights = [](const std::string& path, unsigned mode) {
    std::filesystem::permissions(path, static_cast<perms>(mode));
  };
  rights(directory.path().string(), 0555);
  BOOST_TEST(opened_by_nobody(directory.file("new.lodge")) == errc::permission_denied);
  BOOST_TEST(opened_by_nobody(directory.file()) == errc::permission_denied);
  rights(directory.file(), 0);
  BOOST_TEST(opened_by_nobody(directory.file()) == errc::permission_denied);
  rights(directory.path().string(), 0);
  BOOST_TEST(opened_by_nobody(directory.file()) == errc::permission_denied);
  rights(directory.path().string(), 0755);
  rights(directory.file(), 0644);
  BOOST_TEST(must(must(open_file(directory.file()).collection("c")).size()) == 500U);
}

BOOST_AUTO_TEST_CASE(a_file_cut_short_is_refused_or_gives_errors_and_never_part_of_its_items) {
  const scratch_directory directory;
  make_file(directory.file());
  const auto bytes = bytes_of(directory.file());
  BOOST_REQUIRE(bytes.size() > 100'000);
  for (const std::size_t length : {std::size_t{50}, std::size_t{1'000}, std::size_t{4'096}, std::size_t{4'097},
                                   bytes.size() / 3, bytes.size() / 2, bytes.size() - 4'096, bytes.size() - 1}) {
    BOOST_TEST_CONTEXT("cut to " << length) {
      for (const auto* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(directory.file() + suffix);
      write_bytes(directory.file(), bytes.substr(0, length));
      auto opened = database::open(directory.file(), only_on_request());
      if (!opened) {
        BOOST_TEST((code_of(opened) == errc::corrupt || code_of(opened) == errc::not_a_database), code_of(opened));
        continue;
      }
      auto stored = opened->collection("c");
      if (!stored) {
        BOOST_TEST(code_of(stored) == errc::corrupt);
        continue;
      }
      const auto all = stored->scan({}, 1'000);
      BOOST_TEST((all ? all->records.size() == 500U : code_of(all) == errc::corrupt));
      const auto hits = stored->search(point(1), nearest(500, true));
      BOOST_TEST((hits ? hits->size() == 500U : code_of(hits) == errc::corrupt));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_file_becomes_a_new_one) {
  const scratch_directory directory;
  write_bytes(directory.file(), "");
  make_file(directory.file());
  BOOST_TEST(must(open_file(directory.file()).collections()).at(0).items == 500U);
}

BOOST_AUTO_TEST_CASE(names_with_unusual_characters_are_names) {
  const scratch_directory directory;
  for (const std::string name : {"with space.lodge", "100%.lodge", "what?mode=ro.lodge", "a#b.lodge", "Zürich.lodge"}) {
    make_file(directory.file(name), 10);
    BOOST_TEST(must(open_file(directory.file(name)).collections()).at(0).items == 10U);
    BOOST_TEST(std::filesystem::exists(directory.file(name)));
  }
}

BOOST_AUTO_TEST_CASE(numbers_go_on_after_reopening_and_a_closed_database_says_closed) {
  const scratch_directory directory;
  position last;
  for (int round = 0; round < 5; ++round) {
    auto opened = open_file(directory.file());
    auto stored = must(opened.collection("c", shape(4)));
    const auto at = must(stored.put("a", point(1)));
    BOOST_TEST(at.number > last.number);
    BOOST_TEST((round == 0 || at.file == last.file));
    last = at;
    must_do(opened.close());
    must_do(opened.close());
    BOOST_TEST(code_of(stored.put("b", point(1))) == errc::closed);
    BOOST_TEST(code_of(stored.get("a")) == errc::closed);
    BOOST_TEST(code_of(stored.search(point(1))) == errc::closed);
    BOOST_TEST(code_of(stored.stats()) == errc::closed);
    BOOST_TEST(code_of(stored.compact()) == errc::closed);
    BOOST_TEST(code_of(opened.collection("c")) == errc::closed);
    BOOST_TEST(code_of(opened.collections()) == errc::closed);
    BOOST_TEST(code_of(opened.drop_collection("c")) == errc::closed);
    BOOST_TEST(code_of(opened.backup(directory.file("copy"))) == errc::closed);
  }
}

BOOST_AUTO_TEST_SUITE_END()
