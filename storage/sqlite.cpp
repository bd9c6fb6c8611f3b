#include "storage/sqlite.hpp"

#include "storage/file_system.hpp"

#include <sqlite3.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace lodge::storage {

namespace {

errc code_of(int extended, int system_errno) {
  switch (extended & 0xff) {
  case SQLITE_FULL: return errc::disk_full;
  case SQLITE_BUSY:
  case SQLITE_LOCKED: return errc::busy;
  case SQLITE_NOTADB: return errc::not_a_database;
  case SQLITE_CORRUPT:
  // No statement of ours breaks a rule of the tables, unless what they hold contradicts itself.
  case SQLITE_CONSTRAINT: return errc::corrupt;
  case SQLITE_PERM:
  case SQLITE_AUTH: return errc::permission_denied;
  case SQLITE_READONLY:
    return extended == SQLITE_READONLY_RECOVERY || extended == SQLITE_READONLY_CANTINIT
        || extended == SQLITE_READONLY_CANTLOCK
      ? errc::needs_recovery
      : errc::permission_denied;
  case SQLITE_CANTOPEN:
    if (system_errno == EACCES || system_errno == EROFS || system_errno == EPERM)
      return errc::permission_denied;
    return system_errno == ENOENT ? errc::file_not_found : errc::io_error;
  case SQLITE_IOERR:
    if (extended == SQLITE_IOERR_NOMEM)
      return errc::out_of_memory;
    // The file ends within a page. SQLite 3.46 says so, where 3.40 reads zeros.
    if (extended == SQLITE_IOERR_SHORT_READ)
      return errc::corrupt;
    return extended == SQLITE_IOERR_SHMSIZE ? errc::disk_full : errc::io_error;
  case SQLITE_NOMEM: return errc::out_of_memory;
  case SQLITE_TOOBIG: return errc::too_large;
  default: return errc::internal;
  }
}

[[noreturn]] void fail_unnamed(sqlite3* on, const std::string& doing) {
  if (on == nullptr)
    throw failure{errc::out_of_memory, doing};
  const auto extended = sqlite3_extended_errcode(on);
  const auto system_errno = sqlite3_system_errno(on);
  auto detail = doing + ": " + sqlite3_errmsg(on);
  if (system_errno != 0)
    detail += std::string{" ("} + std::strerror(system_errno) + ")";
  failure thrown{code_of(extended, system_errno), detail + " [SQLite " + std::to_string(extended) + "]"};
  thrown.sync_failed = extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC;
  throw thrown;
}

/// Names the file that the connection is to.
[[noreturn]] void fail(sqlite3* on, const std::string& doing) {
  const char* file = sqlite3_db_filename(on, "main");
  fail_unnamed(on, file == nullptr ? doing : file + std::string{": "} + doing);
}

/// A statement as an error names it; those of filters may be long.
std::string shortened(std::string_view sql) {
  constexpr std::size_t longest = 400;
  return sql.size() <= longest ? std::string{sql} : std::string{sql.substr(0, longest)}.append("…");
}

/// A path as a URI: without locks and without a look at the WAL.
std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    constexpr std::string_view plain = "/-_.~";
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || plain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      constexpr std::string_view digits = "0123456789ABCDEF";
      uri += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return uri + "?immutable=1";
}

/// How SQLite can read the file without making one beside it, which would be its reader's and not its owner's.
std::string name_to_read(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::exists(path + "-shm", unknown) || !std::filesystem::exists(path, unknown))
    return path;
  if (is_on_read_only_mount(path) && size_on_disk(path + "-wal") == 0)
    return immutable_uri(path);
  throw failure{errc::needs_recovery,
                path
                  + " has no -shm beside it, without which it cannot be read safely; opening it once for writing "
                    "makes one"};
}

std::string name_to_open(const std::string& path, access mode) {
  switch (mode) {
  case access::read: return name_to_read(path);
  case access::judge: return immutable_uri(path);
  default: return path;
  }
}

int flags_of(access mode) {
  constexpr int always = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (mode) {
  case access::read:
  case access::judge: return always | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  case access::read_write: return always | SQLITE_OPEN_READWRITE;
  case access::read_write_create: return always | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return always;
}

int note_wal_pages(void* wal_pages, sqlite3*, const char*, int pages) {
  *static_cast<int*>(wal_pages) = pages;
  return SQLITE_OK;
}

} // namespace

connection::connection(const std::string& path, access mode) {
  const auto writes = mode == access::read_write || mode == access::read_write_create;
  try {
    if (sqlite3_open_v2(name_to_open(path, mode).c_str(), &handle_, flags_of(mode), nullptr) != SQLITE_OK)
      fail_unnamed(handle_, "opening " + path);
    // SQLite falls back to reading only when it may not write; we say so instead of failing at the first write.
    if (writes && is_read_only())
      throw failure{errc::permission_denied, path + " may not be written"};
    wait_for_strangers(stranger_timeout);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    int keep = 1;
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    run("PRAGMA temp_store = MEMORY");
    if (writes) {
      run("PRAGMA synchronous = FULL");
      run("PRAGMA cache_size = -16384");
    }
    // This takes the place of SQLite's own automatic checkpoint, which is a hook, too: `PRAGMA wal_autocheckpoint`
    // would take ours away.
    sqlite3_wal_hook(handle_, note_wal_pages, &wal_pages_);
  } catch (failure& caught) {
    sqlite3_close_v2(handle_);
    // Settings that SQLite cannot make: it read the schema for them, and that is of no format that it knows.
    if (caught.reason.code == errc::internal)
      caught.reason.code = errc::corrupt;
    throw;
  } catch (...) {
    sqlite3_close_v2(handle_);
    throw;
  }
}

connection::~connection() { sqlite3_close_v2(handle_); }

void connection::run(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(handle_, sql);
}

std::int64_t connection::ask(const char* sql) {
  statement query{*this, sql};
  if (!query.step())
    throw failure{errc::corrupt, std::string{sql} + ": gave no row"};
  return query.integer(0);
}

void connection::wait_for_strangers(std::chrono::milliseconds longest) {
  sqlite3_busy_timeout(handle_, static_cast<int>(longest.count()));
}

std::int64_t connection::changes_so_far() const { return sqlite3_total_changes64(handle_); }

bool connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

bool connection::is_read_only() const { return sqlite3_db_readonly(handle_, "main") == 1; }

std::int64_t connection::changes() const { return sqlite3_changes64(handle_); }

statement::statement(connection& on, const char* sql) : on_(on) {
  const auto code = sqlite3_prepare_v3(on.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (code == SQLITE_OK)
    return;
  // Our statements fit our tables; these are others.
  if (code == SQLITE_ERROR)
    throw failure{errc::corrupt, std::string{sql} + ": " + sqlite3_errmsg(on.handle())};
  fail(on.handle(), sql);
}

statement::~statement() { sqlite3_finalize(handle_); }

bool statement::step() {
  const auto code = sqlite3_step(handle_);
  if (code == SQLITE_ROW)
    return true;
  // Our statements fit our tables; what they cannot work with is in the rows. Metadata that is no JSON, for one.
  if (code == SQLITE_ERROR)
    throw failure{errc::corrupt, shortened(sqlite3_sql(handle_)) + ": " + sqlite3_errmsg(on_.handle())};
  if (code != SQLITE_DONE)
    fail(on_.handle(), shortened(sqlite3_sql(handle_)));
  return false;
}

void statement::run() {
  const scope_reset at_end{*this};
  step();
}

void statement::reset() { sqlite3_reset(handle_); }

std::int64_t statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

double statement::real(int column) const { return sqlite3_column_double(handle_, column); }

std::string_view statement::text(int column) const {
  const auto* first = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return {first == nullptr ? "" : first, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::span<const std::uint8_t> statement::bytes(int column) const {
  const auto* first = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
  return {first, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

bool statement::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

bool statement::is_text(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_TEXT; }

void statement::bind_from(int first_place, const std::vector<sql_value>& values) {
  int place = first_place;
  for (const auto& value : values) {
    if (const auto* integer = std::get_if<std::int64_t>(&value))
      bind(place++, static_cast<std::uint64_t>(*integer));
    else
      bind(place++, std::string_view{std::get<std::string>(value)});
  }
}

void statement::bind(int place, std::uint64_t value) {
  [[maybe_unused]] const auto code = sqlite3_bind_int64(handle_, place, static_cast<std::int64_t>(value));
  assert(code == SQLITE_OK);
}

void statement::bind(int place, std::string_view value) {
  if (sqlite3_bind_text64(handle_, place, value.data() == nullptr ? "" : value.data(), value.size(), SQLITE_STATIC,
                          SQLITE_UTF8)
      != SQLITE_OK)
    fail(on_.handle(), sqlite3_sql(handle_));
}

void statement::bind(int place, std::span<const std::uint8_t> value) {
  if (sqlite3_bind_blob64(handle_, place, value.data(), value.size(), SQLITE_STATIC) != SQLITE_OK)
    fail(on_.handle(), sqlite3_sql(handle_));
}

void statement::bind(int place, std::nullptr_t) { sqlite3_bind_null(handle_, place); }

read_scope::read_scope(connection& on) : on_(on) { on_.run("BEGIN"); }

read_scope::~read_scope() {
  // Nothing was written; a read that failed half-way ends all the same.
  sqlite3_exec(on_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

} // namespace lodge::storage
