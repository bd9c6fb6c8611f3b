#pragma once

#include <cstdint>
#include <string>

struct sqlite3;

namespace lodge::test {

/// A database file as any SQLite tool sees it, to look at rows and to damage them. Through SQLite alone, so that it may
/// be used while the file is open elsewhere in the process.
class raw_file {
public:
  explicit raw_file(const std::string& path);
  raw_file(const raw_file&) = delete;
  raw_file& operator=(const raw_file&) = delete;
  ~raw_file();

  /// Runs statements; a failure fails the test.
  void run(const std::string& sql);
  /// The first column of the first row.
  std::int64_t number(const std::string& sql);
  /// Flips the lowest bit of one byte of a value, counted from its end if negative.
  void flip_bit(const std::string& table, const std::string& column, std::int64_t row, int byte);

private:
  sqlite3* handle_ = nullptr;
};

/// The bytes of a file that no one has open, and a way to write them back.
std::string bytes_of(const std::string& path);
void write_bytes(const std::string& path, const std::string& bytes);

} // namespace lodge::test
