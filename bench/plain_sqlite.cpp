#include "bench/plain_sqlite.hpp"

#include "bench/fail.hpp"

#include <sqlite3.h>

namespace lodge::bench {

namespace {

// As in storage/schema.cpp, which storage/README.md explains.
constexpr const char* lodges_tables = R"sql(
CREATE TABLE file(id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER NOT NULL);
CREATE TABLE items(
  label INTEGER PRIMARY KEY, collection INTEGER NOT NULL, key TEXT NOT NULL, metadata TEXT,
  has_vector INTEGER NOT NULL, checksum INTEGER NOT NULL, died_at INTEGER);
CREATE UNIQUE INDEX living_items ON items(collection, key) WHERE died_at IS NULL;
CREATE INDEX dead_items ON items(collection, died_at) WHERE died_at IS NOT NULL;
CREATE TABLE vectors(label INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE TABLE pending(number INTEGER PRIMARY KEY, collection INTEGER NOT NULL, kind INTEGER NOT NULL);
)sql";
constexpr const char* plain_tables = R"sql(
CREATE TABLE file(id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER NOT NULL);
CREATE TABLE rows(key TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
)sql";

} // namespace

plain_sqlite::plain_sqlite(const std::string& file, table_shape shape, bool is_shared) : is_shared_(is_shared) {
  if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK)
    fail(file + ": " + sqlite3_errmsg(handle_));
  sqlite3_busy_timeout(handle_, 60'000);
  for (const auto* sql : {"PRAGMA page_size = 4096", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                          "PRAGMA secure_delete = OFF", "PRAGMA cache_size = -16384"})
    run(sql);
  if (!is_shared) {
    run(shape == table_shape::lodges ? lodges_tables : plain_tables);
    run("INSERT INTO file VALUES (1, 0)");
  }
  read_number_ = prepare("SELECT sequence FROM file");
  save_number_ = prepare("UPDATE file SET sequence = ?1");
  if (shape == table_shape::lodges)
    for (const auto* sql :
         {"INSERT INTO items VALUES (?1, 1, ?2, NULL, 1, 0x7123456789abcdef, NULL)",
          "INSERT INTO vectors VALUES (?1, 0x7123456789abcdef, ?3)", "INSERT INTO pending VALUES (?1, 1, 1)"})
      inserts_.push_back(prepare(sql));
  else
    inserts_.push_back(prepare("INSERT INTO rows VALUES (?2, ?3)"));
}

plain_sqlite::~plain_sqlite() {
  for (auto* each : inserts_)
    sqlite3_finalize(each);
  sqlite3_finalize(read_number_);
  sqlite3_finalize(save_number_);
  sqlite3_close(handle_);
}

void plain_sqlite::begin() {
  run("BEGIN IMMEDIATE");
  if (!is_shared_)
    return;
  if (sqlite3_step(read_number_) != SQLITE_ROW)
    fail(std::string{"the counter: "} + sqlite3_errmsg(handle_));
  number_ = sqlite3_column_int64(read_number_, 0);
  sqlite3_reset(read_number_);
}

void plain_sqlite::insert(const std::string& key, std::span<const float> vector) {
  ++number_;
  for (auto* each : inserts_) {
    const auto places = sqlite3_bind_parameter_count(each);
    sqlite3_bind_int64(each, 1, number_);
    if (places >= 2)
      sqlite3_bind_text(each, 2, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
    if (places >= 3)
      sqlite3_bind_blob(each, 3, vector.data(), static_cast<int>(vector.size_bytes()), SQLITE_STATIC);
    run(each);
  }
}

void plain_sqlite::commit() {
  // Another number even without an insert: SQLite does not write what stays the same.
  sqlite3_bind_int64(save_number_, 1, ++number_);
  run(save_number_);
  run("COMMIT");
}

sqlite3_stmt* plain_sqlite::prepare(const char* sql) {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK)
    fail(std::string{sql} + ": " + sqlite3_errmsg(handle_));
  return made;
}

void plain_sqlite::run(sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE)
    fail(std::string{sqlite3_sql(statement)} + ": " + sqlite3_errmsg(handle_));
  sqlite3_reset(statement);
}

void plain_sqlite::run(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(std::string{sql} + ": " + sqlite3_errmsg(handle_));
}

} // namespace lodge::bench
