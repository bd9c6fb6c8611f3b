#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace lodge::bench {

/// The tables that rows go to.
enum class table_shape : std::uint8_t {
  /// `items`, `vectors`, `pending` and the counter, with their indexes, as lodge has them: a put writes the same rows.
  lodges,
  /// One table with a key and a vector: what one would write by oneself.
  one_table,
};

/// SQLite alone, as fast as it gets while durable: prepared statements, WAL, synchronous=FULL, pages of 4,096 bytes,
/// its own checkpoints. It looks nothing up and computes no checksum. With several processes, `busy_timeout` waits, and
/// the counter is read in each transaction.
class plain_sqlite {
public:
  /// Makes the file, or opens one of that shape that several processes use.
  plain_sqlite(const std::string& file, table_shape shape, bool is_shared = false);
  plain_sqlite(const plain_sqlite&) = delete;
  plain_sqlite& operator=(const plain_sqlite&) = delete;
  ~plain_sqlite();

  void begin();
  void insert(const std::string& key, std::span<const float> vector);
  void commit();

private:
  sqlite3_stmt* prepare(const char* sql);
  void run(sqlite3_stmt* statement);
  void run(const char* sql);

  sqlite3* handle_ = nullptr;
  bool is_shared_;
  std::int64_t number_ = 0;
  std::vector<sqlite3_stmt*> inserts_;
  sqlite3_stmt* read_number_ = nullptr;
  sqlite3_stmt* save_number_ = nullptr;
};

} // namespace lodge::bench
