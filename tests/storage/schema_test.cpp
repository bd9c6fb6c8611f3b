#include "storage/schema.hpp"

#include "tests/storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

/// Only while no connection of this process is open: closing the stream drops their locks.
std::string content(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write(const std::string& path, const std::string& bytes) { std::ofstream{path, std::ios::binary} << bytes; }

std::set<std::string> names(const scratch_directory& in) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator{in.path()})
    found.insert(entry.path().filename().string());
  return found;
}

/// That the file is refused, with its bytes as they were and nothing beside it.
void check_refused(const scratch_directory& in, errc expected) {
  const auto before = content(in.file());
  const auto names_before = names(in);
  for (const bool create : {false, true}) {
    BOOST_TEST(code_of(prepare_file(in.file(), create)) == expected);
    BOOST_TEST((content(in.file()) == before));
    BOOST_TEST(names(in) == names_before, boost::test_tools::per_element());
  }
}

/// A file of ours at rest: its content in the main file alone.
std::string file_at_rest(const scratch_directory& in) {
  must(prepare_file(in.file(), true));
  sql(in.file(), "PRAGMA wal_checkpoint(TRUNCATE)");
  for (const auto* suffix : {"-wal", "-shm", "-lodge"})
    std::filesystem::remove(in.file() + suffix);
  return content(in.file());
}

} // namespace

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(a_new_file_is_made_with_what_the_design_says_of_it) {
  const scratch_directory directory;
  const auto identity = must(prepare_file(directory.file(), true));
  BOOST_TEST(identity > 0U);
  BOOST_TEST(sql(directory.file(), "PRAGMA application_id") == 0x4c4f4447);
  BOOST_TEST(sql(directory.file(), "PRAGMA user_version") == format_version);
  BOOST_TEST(sql(directory.file(), "PRAGMA auto_vacuum") == 2);
  BOOST_TEST(sql(directory.file(), "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'") == 1);
  BOOST_TEST(sql(directory.file(), "SELECT sequence FROM file") == 0);
  BOOST_TEST(sql(directory.file(), "SELECT identity FROM file") == static_cast<std::int64_t>(identity));
}

/// What a power loss leaves of a first transaction: a page of which some sectors are on the disk, and the journal,
/// which says how many pages there were before.
void leave_half_a_page(const scratch_directory& in, char pages_before) {
  using namespace std::string_literals;
  write(in.file(), std::string(512, '\0') + std::string(3'584, 'x'));
  const auto journal =
    "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"s + "\0\0\0\0\1\2\3\4\0\0\0"s + pages_before + "\0\0\2\0\0\0\x10\0"s;
  write(in.file() + "-journal", journal + std::string(512 - journal.size(), '\0'));
}

BOOST_AUTO_TEST_CASE(a_file_whose_making_a_power_loss_cut_short_is_made_anew) {
  const scratch_directory directory;
  leave_half_a_page(directory, 0);
  const auto before = content(directory.file());
  BOOST_TEST(code_of(prepare_file(directory.file(), false)) == errc::file_not_found);
  BOOST_TEST((content(directory.file()) == before));
  const auto identity = must(prepare_file(directory.file(), true));
  BOOST_TEST(must(prepare_file(directory.file(), false)) == identity);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_database_stays_so_with_a_journal_of_pages_beside_it) {
  const scratch_directory directory;
  leave_half_a_page(directory, 1);
  check_refused(directory, errc::not_a_database);
}

BOOST_AUTO_TEST_CASE(a_file_keeps_its_identity_and_no_two_have_the_same) {
  const scratch_directory directory;
  const auto identity = must(prepare_file(directory.file(), true));
  BOOST_TEST(must(prepare_file(directory.file(), true)) == identity);
  BOOST_TEST(must(prepare_file(directory.file(), false)) == identity);
  BOOST_TEST(must(prepare_file(directory.file("other"), true)) != identity);
}

BOOST_AUTO_TEST_CASE(an_empty_file_and_an_empty_database_become_ours) {
  const scratch_directory directory;
  write(directory.file(), "");
  must(prepare_file(directory.file(), true));
  BOOST_TEST(sql(directory.file(), "SELECT count(*) FROM file") == 1);
  sql(directory.file("empty"), "PRAGMA page_size = 8192; CREATE TABLE t(x); DROP TABLE t");
  must(prepare_file(directory.file("empty"), true));
  BOOST_TEST(sql(directory.file("empty"), "SELECT count(*) FROM file") == 1);
}

BOOST_AUTO_TEST_CASE(paths_with_signs_of_a_uri_are_paths) {
  const scratch_directory directory;
  for (const std::string name : {"a b?mode=ro", "100%41", "x#y", "&=+", "\xc3\xa9"}) {
    const auto identity = must(prepare_file(directory.file(name), true));
    BOOST_TEST(std::filesystem::exists(directory.file(name)));
    BOOST_TEST(must(prepare_file(directory.file(name), false)) == identity);
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_died_between_its_header_and_its_tables_is_completed) {
  const scratch_directory directory;
  sql(directory.file(), "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = 1280263239");
  must(prepare_file(directory.file(), true));
  BOOST_TEST(sql(directory.file(), "SELECT count(*) FROM file") == 1);
}

BOOST_AUTO_TEST_CASE(without_leave_to_create_a_missing_file_is_an_error) {
  const scratch_directory directory;
  BOOST_TEST(code_of(prepare_file(directory.file(), false)) == errc::file_not_found);
  BOOST_TEST(names(directory).empty());
  write(directory.file(), "");
  BOOST_TEST(code_of(prepare_file(directory.file(), false)) == errc::file_not_found);
  BOOST_TEST(names(directory).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_missing_directory_is_an_error) {
  const scratch_directory directory;
  for (const bool create : {false, true})
    BOOST_TEST(code_of(prepare_file(directory.file("missing/test.lodge"), create)) == errc::file_not_found);
  BOOST_TEST(names(directory).empty());
}

BOOST_AUTO_TEST_CASE(a_directory_is_refused) {
  const scratch_directory directory;
  std::filesystem::create_directory(directory.file());
  check_refused(directory, errc::not_a_database);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_sqlite_is_refused) {
  for (const auto& bytes : {std::string{"xy"}, std::string(10'000, 'x'), std::string(5'000, '\0'),
                            std::string{"SQLite format 2"} + std::string(5'000, 'x')}) {
    const scratch_directory directory;
    write(directory.file(), bytes);
    check_refused(directory, errc::not_a_database);
  }
}

BOOST_AUTO_TEST_CASE(a_file_of_one_byte_which_sqlite_takes_for_empty_is_refused) {
  const scratch_directory directory;
  write(directory.file(), "x");
  check_refused(directory, errc::not_a_database);
}

BOOST_AUTO_TEST_CASE(a_database_of_another_application_is_refused) {
  for (const auto* made :
       {"CREATE TABLE notes(x)", "PRAGMA application_id = 7", "PRAGMA application_id = 7; CREATE TABLE notes(x)",
        "PRAGMA journal_mode = WAL; CREATE TABLE notes(x)"}) {
    const scratch_directory directory;
    sql(directory.file(), made);
    BOOST_TEST_CONTEXT(made)
    check_refused(directory, errc::foreign_file);
  }
}

BOOST_AUTO_TEST_CASE(a_database_whose_only_content_is_a_version_of_another_application_is_refused) {
  for (const auto* made : {"PRAGMA user_version = 1", "PRAGMA user_version = 5"}) {
    const scratch_directory directory;
    sql(directory.file(), made);
    BOOST_TEST_CONTEXT(made)
    check_refused(directory, errc::foreign_file);
  }
}

BOOST_AUTO_TEST_CASE(a_database_of_another_application_that_is_in_use_is_refused) {
  const scratch_directory directory;
  sqlite3* user = nullptr;
  BOOST_REQUIRE(sqlite3_open(directory.file().c_str(), &user) == SQLITE_OK);
  // All of its content is in the WAL, and another program holds it open.
  BOOST_REQUIRE(sqlite3_exec(user, "PRAGMA journal_mode = WAL; CREATE TABLE notes(x)", nullptr, nullptr, nullptr)
                == SQLITE_OK);
  const auto before = names(directory);
  BOOST_TEST(code_of(prepare_file(directory.file(), true)) == errc::foreign_file);
  BOOST_TEST(names(directory) == before, boost::test_tools::per_element());
  sqlite3_close(user);
}

BOOST_AUTO_TEST_CASE(a_file_of_a_newer_lodge_is_refused) {
  const scratch_directory directory;
  file_at_rest(directory);
  sql(directory.file(), "PRAGMA user_version = " + std::to_string(format_version + 1));
  sql(directory.file(), "PRAGMA wal_checkpoint(TRUNCATE)");
  for (const auto* suffix : {"-wal", "-shm"})
    std::filesystem::remove(directory.file() + suffix);
  check_refused(directory, errc::newer_format);
}

/// What format 1 lacked.
constexpr const char* as_format_1 =
  "ALTER TABLE collections DROP COLUMN vector_form; ALTER TABLE collections DROP COLUMN fields;"
  "ALTER TABLE collections DROP COLUMN text_fields; DROP TABLE field_values; PRAGMA user_version = 1";

BOOST_AUTO_TEST_CASE(a_file_of_the_first_format_is_brought_up_to_ours_when_it_is_opened_for_writing) {
  const scratch_directory directory;
  const auto identity = must(prepare_file(directory.file(), true));
  sql(directory.file(),
      "INSERT INTO collections VALUES (1, 'c', 4, 'l2', 16, 200, 1, NULL, 0, 0, 0, 'int8', '[1]', '')");
  sql(directory.file(), as_format_1);
  BOOST_TEST(code_of(judge_file(directory.file())) == errc::needs_recovery);
  BOOST_TEST(must(prepare_file(directory.file(), false)) == identity);
  BOOST_TEST(must(judge_file(directory.file())) == identity);
  BOOST_TEST(sql(directory.file(), "PRAGMA user_version") == format_version);
  BOOST_TEST(sql(directory.file(),
                 "SELECT count(*) FROM collections WHERE vector_form = 'float32' AND fields = '[]'"
                 " AND text_fields = '[]'")
             == 1);
}

BOOST_AUTO_TEST_CASE(a_file_cut_short_is_refused_and_not_made_anew) {
  const scratch_directory source;
  const auto whole = file_at_rest(source);
  for (const std::size_t size : {std::size_t{10}, std::size_t{50}, std::size_t{100}, std::size_t{1'000},
                                 std::size_t{4'096}, whole.size() / 2, whole.size() - 4'096}) {
    const scratch_directory directory;
    write(directory.file(), whole.substr(0, size));
    for (const bool create : {false, true}) {
      const auto refused = code_of(prepare_file(directory.file(), create));
      BOOST_TEST_CONTEXT(size << " of " << whole.size() << " bytes: " << refused) {
        BOOST_TEST((refused == errc::corrupt || refused == errc::not_a_database));
        BOOST_TEST((content(directory.file()) == whole.substr(0, size)));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
