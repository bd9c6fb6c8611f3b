#include "tests/scenario/raw_file.hpp"

#include <boost/test/unit_test.hpp>

#include <sqlite3.h>

#include <fstream>
#include <iterator>

namespace lodge::test {

raw_file::raw_file(const std::string& path) {
  BOOST_REQUIRE_EQUAL(sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr),
                      SQLITE_OK);
  sqlite3_busy_timeout(handle_, 10'000);
}

raw_file::~raw_file() { sqlite3_close(handle_); }

void raw_file::run(const std::string& sql) {
  const auto code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  BOOST_REQUIRE_MESSAGE(code == SQLITE_OK, sql << ": " << sqlite3_errmsg(handle_));
}

std::int64_t raw_file::number(const std::string& sql) {
  sqlite3_stmt* query = nullptr;
  BOOST_REQUIRE_MESSAGE(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &query, nullptr) == SQLITE_OK,
                        sql << ": " << sqlite3_errmsg(handle_));
  const auto code = sqlite3_step(query);
  const auto value = code == SQLITE_ROW ? sqlite3_column_int64(query, 0) : 0;
  sqlite3_finalize(query);
  BOOST_REQUIRE_MESSAGE(code == SQLITE_ROW, sql << " gave no row");
  return value;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out << bytes;
  BOOST_REQUIRE(out.flush());
}

} // namespace lodge::test
