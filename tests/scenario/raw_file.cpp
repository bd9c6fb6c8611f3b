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

void raw_file::flip_bit(const std::string& table, const std::string& column, std::int64_t row, int byte) {
  sqlite3_blob* value = nullptr;
  BOOST_REQUIRE_MESSAGE(sqlite3_blob_open(handle_, "main", table.c_str(), column.c_str(), row, 1, &value) == SQLITE_OK,
                        table << "." << column << ": " << sqlite3_errmsg(handle_));
  const auto at = byte < 0 ? sqlite3_blob_bytes(value) + byte : byte;
  char flipped = 0;
  const auto read = sqlite3_blob_read(value, &flipped, 1, at);
  flipped = static_cast<char>(flipped ^ 1);
  const auto written = sqlite3_blob_write(value, &flipped, 1, at);
  sqlite3_blob_close(value);
  BOOST_REQUIRE_EQUAL(read, SQLITE_OK);
  BOOST_REQUIRE_EQUAL(written, SQLITE_OK);
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
