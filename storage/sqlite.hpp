#pragma once

#include <lodge/error.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace lodge::storage {

/// How an error travels inside this folder; `guarded` turns it into a result where the folder ends.
struct failure : std::exception {
  explicit failure(lodge::error what) : reason(std::move(what)) {}
  failure(errc code, std::string detail) : failure(lodge::error{code, std::move(detail)}) {}
  const char* what() const noexcept override { return reason.detail.c_str(); }
  lodge::error reason;
  /// A sync failed: what was written may be on the disk or not.
  bool sync_failed = false;
};

/// Calls the function; a `failure` that it throws becomes the result's error.
template <class Function>
auto guarded(Function function) -> result<decltype(function())> {
  try {
    if constexpr (std::is_void_v<decltype(function())>) {
      function();
      return {};
    } else {
      return function();
    }
  } catch (const failure& caught) {
    return caught.reason;
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory, "while the file was read or written"};
  }
}

enum class access : std::uint8_t {
  read_write_create,
  read_write,
  /// Needs no right to write. Fails with errc::needs_recovery without the -shm that a writer leaves beside the file,
  /// but on a read-only mount with an empty WAL or none.
  read,
  /// Without locks and without a look at the WAL: only to judge the header of a file that may not be ours.
  judge,
};

/// One SQLite connection with lodge's settings: WAL kept at close, no automatic checkpoints, durable commits.
///
/// **Concurrency**: one user at a time, on any thread.
class connection {
public:
  /// Throws `failure`.
  connection(const std::string& path, access mode);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  /// Runs statements that give no rows. Throws `failure`.
  void run(const char* sql);
  /// The integer that a query gives in its only row. Throws `failure`.
  std::int64_t ask(const char* sql);

  /// How long a statement waits for a lock that a program which is not lodge holds.
  static constexpr std::chrono::milliseconds stranger_timeout{5'000};
  void wait_for_strangers(std::chrono::milliseconds longest);

  /// False also after an error that rolled a transaction back by itself.
  bool in_transaction() const;
  /// Rows that were ever changed by way of this connection.
  std::int64_t changes_so_far() const;
  /// Once something was read, also because the header says that programs like ours must not write.
  bool is_read_only() const;
  /// Pages in the WAL after the last commit of this connection.
  int wal_pages() const { return wal_pages_; }
  /// Rows that the last statement changed.
  std::int64_t changes() const;

  sqlite3* handle() const { return handle_; }

private:
  sqlite3* handle_ = nullptr;
  int wal_pages_ = 0;
};

/// Something to bind whose kind is known at run time only.
using sql_value = std::variant<std::int64_t, std::string>;

/// A prepared statement, kept and used again.
///
/// `bind` counts places from 1 in order; texts and bytes must live until the statement is reset.
class statement {
public:
  statement(connection& on, const char* sql);
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  ~statement();

  /// Resets, then binds all places.
  template <class... Ts>
  statement& with(const Ts&... values) {
    reset();
    int place = 0;
    (bind(++place, values), ...);
    return *this;
  }

  /// Binds places from a given one on, and leaves the others as they are. Not while rows are read.
  void bind_from(int first_place, const std::vector<sql_value>& values);

  /// Moves to the next row; false after the last. Throws `failure`.
  bool step();
  /// Runs a statement that gives no row, and resets it.
  void run();
  void reset();

  std::int64_t integer(int column) const;
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  double real(int column) const;
  /// Valid until the next step or reset.
  std::string_view text(int column) const;
  std::span<const std::uint8_t> bytes(int column) const;
  bool is_null(int column) const;
  /// Not so of a blob with a text's bytes, which is another value to SQLite.
  bool is_text(int column) const;

private:
  void bind(int place, std::uint64_t value);
  void bind(int place, std::string_view value);
  void bind(int place, std::span<const std::uint8_t> value);
  void bind(int place, std::nullptr_t);

  connection& on_;
  sqlite3_stmt* handle_ = nullptr;
};

/// Ends a statement's read when the scope ends, whichever way.
class scope_reset {
public:
  explicit scope_reset(statement& of) : of_(of) {}
  scope_reset(const scope_reset&) = delete;
  scope_reset& operator=(const scope_reset&) = delete;
  ~scope_reset() { of_.reset(); }

private:
  statement& of_;
};

/// A read transaction: everything read in its scope is of one snapshot.
class read_scope {
public:
  explicit read_scope(connection& on);
  read_scope(const read_scope&) = delete;
  read_scope& operator=(const read_scope&) = delete;
  ~read_scope();

private:
  connection& on_;
};

} // namespace lodge::storage
