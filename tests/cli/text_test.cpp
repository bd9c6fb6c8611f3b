#include "cli/text.hpp"

#include "cli/output_file.hpp"
#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace lodge;
using namespace lodge::test;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(texts_and_files)

BOOST_AUTO_TEST_CASE(figures_are_written_as_people_read_them) {
  BOOST_TEST(cli::with_separators(0) == "0");
  BOOST_TEST(cli::with_separators(999) == "999");
  BOOST_TEST(cli::with_separators(1'000) == "1,000");
  BOOST_TEST(cli::with_separators(18'446'744'073'709'551'615U) == "18,446,744,073,709,551,615");
  BOOST_TEST(cli::counted(1, "log entry", "log entries") == "1 log entry");
  BOOST_TEST(cli::counted(0, "log entry", "log entries") == "0 log entries");
  BOOST_TEST(cli::size_text(1'023) == "1,023 bytes");
  BOOST_TEST(cli::size_text(1'536) == "1.5 KiB");
  BOOST_TEST(cli::size_text(std::uint64_t{3} << 30) == "3.0 GiB");
  BOOST_TEST(cli::duration_text(0.456) == "0.46 s");
  BOOST_TEST(cli::duration_text(125) == "2 min 5 s");
}

BOOST_AUTO_TEST_CASE(a_file_appears_when_it_is_finished) {
  const scratch_directory folder;
  const auto path = folder.file("out");
  auto out = must(cli::output_file::open(path, false, false));
  out.stream() << "text";
  BOOST_TEST(!std::filesystem::exists(path));
  must_do(out.finish());
  BOOST_TEST(text_of(path) == "text");
}

BOOST_AUTO_TEST_CASE(what_was_not_finished_leaves_nothing) {
  const scratch_directory folder;
  { auto out = must(cli::output_file::open(folder.file("out"), false, false)); }
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_file_is_written_over_only_by_leave) {
  const scratch_directory folder;
  const auto path = folder.file("out");
  auto late = must(cli::output_file::open(path, false, false));
  std::ofstream{path} << "old";
  BOOST_TEST(code_of(cli::output_file::open(path, false, false)) == errc::file_exists);
  BOOST_TEST(code_of(late.finish()) == errc::file_exists);
  BOOST_TEST(text_of(path) == "old");
  auto forced = must(cli::output_file::open(path, true, false));
  forced.stream() << "new";
  must_do(forced.finish());
  BOOST_TEST(text_of(path) == "new");
  BOOST_TEST(code_of(cli::output_file::open("/dev/null", true, false)) == errc::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
