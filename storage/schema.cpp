#include "storage/schema.hpp"

#include "storage/sidecar.hpp"
#include "storage/sqlite.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <sys/stat.h>

namespace lodge::storage {

namespace {

constexpr std::chrono::seconds opening_timeout{10};
constexpr off_t sqlite_header_bytes = 100;

// storage/README.md explains every column.
const std::string field_values_table = R"sql(
CREATE TABLE field_values(
  collection INTEGER NOT NULL,
  field INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  value NOT NULL,
  label INTEGER NOT NULL,
  PRIMARY KEY (collection, field, kind, value, label)) WITHOUT ROWID;
)sql";
const std::string tables = R"sql(
CREATE TABLE file(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  identity INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  segments INTEGER NOT NULL);
CREATE TABLE collections(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  dimension INTEGER NOT NULL,
  metric TEXT NOT NULL,
  m INTEGER NOT NULL,
  ef_construction INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  dropped_at INTEGER,
  dropped_up_to INTEGER NOT NULL,
  items INTEGER NOT NULL,
  vectors INTEGER NOT NULL,
  vector_form TEXT NOT NULL DEFAULT 'float32',
  fields TEXT NOT NULL DEFAULT '[]',
  text_fields TEXT NOT NULL DEFAULT '[]');
CREATE UNIQUE INDEX living_collections ON collections(name) WHERE dropped_at IS NULL;
CREATE TABLE items(
  label INTEGER PRIMARY KEY,
  collection INTEGER NOT NULL,
  key TEXT NOT NULL,
  metadata TEXT,
  has_vector INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  died_at INTEGER);
CREATE UNIQUE INDEX living_items ON items(collection, key) WHERE died_at IS NULL;
CREATE INDEX dead_items ON items(collection, died_at) WHERE died_at IS NOT NULL;
)sql"
  + field_values_table + R"sql(CREATE TABLE vectors(
  label INTEGER PRIMARY KEY,
  checksum INTEGER NOT NULL,
  vector BLOB NOT NULL);
CREATE TABLE pending(
  number INTEGER PRIMARY KEY,
  collection INTEGER NOT NULL,
  kind INTEGER NOT NULL);
CREATE TABLE deletions(
  number INTEGER PRIMARY KEY,
  collection INTEGER NOT NULL,
  label INTEGER NOT NULL);
CREATE TABLE bases(
  collection INTEGER PRIMARY KEY,
  manifest TEXT NOT NULL,
  checksum INTEGER NOT NULL);
CREATE TABLE chunks(
  segment INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  collection INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (segment, ordinal));
)sql";

// Adds what is new, with its default; no row is written anew.
const std::string upgrade_from_1 = R"sql(
ALTER TABLE collections ADD COLUMN vector_form TEXT NOT NULL DEFAULT 'float32';
ALTER TABLE collections ADD COLUMN fields TEXT NOT NULL DEFAULT '[]';
ALTER TABLE collections ADD COLUMN text_fields TEXT NOT NULL DEFAULT '[]';
)sql"
  + field_values_table;

enum class verdict : std::uint8_t { ours, empty };

std::string hex(std::int64_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4)
    text += digits[static_cast<std::size_t>(value >> shift & 15)];
  return text;
}

/// Whether the file is ours or empty. Anything else is a failure.
verdict judge(connection& on, const std::string& path) {
  const auto application = on.ask("PRAGMA application_id");
  if (application == application_id) {
    require_known_format(on);
    return verdict::ours;
  }
  if (application != 0 || on.ask("PRAGMA user_version") != 0 || on.ask("SELECT count(*) FROM sqlite_schema") != 0)
    throw failure{errc::foreign_file,
                  path + " is an SQLite database of another application (application_id " + hex(application)
                    + ", lodge's is " + hex(application_id) + ")"};
  return verdict::empty;
}

/// How long the file is; 0 if there is none. Asks the file system, without opening the file.
off_t size_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      return 0;
    throw failure{errno == EACCES ? errc::permission_denied : errc::io_error, path + ": " + std::strerror(errno)};
  }
  if (!S_ISREG(status.st_mode))
    throw failure{errc::not_a_database, path + " is no regular file"};
  return status.st_size;
}

/// Whether the file was being made when its maker died: SQLite's rollback journal says that it had no page before.
/// The next connection empties it, however much of its first page is there.
bool is_unmade(const std::string& path) {
  // SQLite's file format, "The Rollback Journal": a magic number of 8 bytes, two other numbers, then the count.
  constexpr std::array<unsigned char, 8> magic{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
  std::array<unsigned char, 20> header{};
  std::ifstream journal{path + "-journal", std::ios::binary};
  journal.read(reinterpret_cast<char*>(header.data()), header.size());
  return journal && std::equal(magic.begin(), magic.end(), header.begin())
    && std::all_of(header.begin() + 16, header.end(), [](auto byte) { return byte == 0; });
}

/// The verdict on the main file alone. None if that cannot be read without its WAL: a checkpoint that a reader held
/// up has moved only some of the pages.
std::optional<verdict> judge_header(const std::string& path, bool has_wal) {
  try {
    connection header{path, access::judge};
    return judge(header, path);
  } catch (const failure& caught) {
    if ((caught.reason.code == errc::not_a_database || caught.reason.code == errc::corrupt) && !has_wal
        && is_unmade(path))
      return verdict::empty;
    if (caught.reason.code != errc::corrupt || !has_wal)
      throw;
    return std::nullopt;
  }
}

/// A file that is not ours is not even given a -shm. The header of ours is in the main file from the start: it is
/// written before the file is switched to WAL.
void judge_without_a_trace(const std::string& path, bool create) {
  const auto size = size_of(path);
  if (size == 0) {
    if (!create)
      throw failure{errc::file_not_found, path + " does not exist, or is empty"};
    return;
  }
  // SQLite takes a file shorter than its header for an empty one.
  if (size < sqlite_header_bytes)
    throw failure{errc::not_a_database,
                  path + " has " + std::to_string(size) + " bytes, an SQLite database has 100 or more"};
  const auto has_wal = size_of(path + "-wal") > 0;
  if (judge_header(path, has_wal) != verdict::empty)
    return;
  if (!has_wal && !create)
    throw failure{errc::file_not_found, path + " is empty"};
  if (has_wal)
    throw failure{errc::foreign_file,
                  path
                    + " is an SQLite database of another application: its content is in its "
                      "WAL, and its header is not lodge's"};
}

/// Whether the file was judged. Another process may be making it at this moment, or copying its WAL into it: what is
/// refused while a sidecar lies beside it is to be judged again under the locks.
bool is_judged_without_locks(const std::string& path, bool create) {
  try {
    judge_without_a_trace(path, create);
    return true;
  } catch (const failure&) {
    std::error_code unknown;
    if (!std::filesystem::exists(sidecar_path(path), unknown))
      throw;
    return false;
  }
}

std::uint64_t new_identity() {
  std::random_device device;
  // Positive in SQLite's signed integers, and never 0.
  return ((std::uint64_t{device()} << 31) ^ device()) % 0x7fff'ffff'ffff'fffe + 1;
}

/// Creates the tables, or brings those of an older format up to ours.
void create_schema(connection& on) {
  on.run("BEGIN EXCLUSIVE");
  try {
    const auto version = on.ask("PRAGMA user_version");
    if (version == 0) {
      on.run(tables.c_str());
      statement row{on, "INSERT INTO file(id, identity, sequence, segments) VALUES (1, ?, 0, 0)"};
      row.with(new_identity()).run();
    } else if (version == 1) {
      on.run(upgrade_from_1.c_str());
    }
    if (version < format_version)
      on.run(("PRAGMA user_version = " + std::to_string(format_version)).c_str());
    require_known_format(on);
    on.run("COMMIT");
  } catch (...) {
    if (on.in_transaction())
      on.run("ROLLBACK");
    throw;
  }
}

std::uint64_t create_or_check(const std::string& path, bool create) {
  connection on{path, create ? access::read_write_create : access::read_write};
  const auto found = judge(on, path);
  // The system lets us write, or the connection had failed.
  if (on.is_read_only())
    throw failure{errc::corrupt, path + " has a header of a version that SQLite does not write"};
  const auto has_schema = on.ask("PRAGMA user_version") != 0;
  if (found == verdict::ours && !has_schema && !create)
    throw failure{errc::corrupt, path + " has no tables: its creation was cut short, or its WAL is lost"};
  if (found == verdict::empty) {
    if (!create)
      throw failure{errc::file_not_found, path + " is empty"};
    // None of these can be set in the schema's transaction; each is harmless if we die after it.
    on.run("PRAGMA secure_delete = OFF");
    on.run("PRAGMA auto_vacuum = INCREMENTAL");
    on.run(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
  }
  // To its end: the row tells what is to be, and the step after it writes the header.
  if (statement mode{on, "PRAGMA journal_mode = WAL"}; !mode.step() || mode.text(0) != "wal" || mode.step())
    throw failure{errc::io_error, path + " cannot be switched to a write-ahead log"};
  create_schema(on);
  // From now on the tables are in the main file, whatever becomes of the WAL.
  if (!has_schema)
    statement{on, "PRAGMA wal_checkpoint(TRUNCATE)"}.step();
  return static_cast<std::uint64_t>(on.ask("SELECT identity FROM file"));
}

} // namespace

void require_known_format(connection& on) { require_known_format(on.ask("PRAGMA user_version")); }

void require_known_format(std::int64_t version) {
  if (version > format_version)
    throw failure{errc::newer_format,
                  "the file has format " + std::to_string(version) + ", this lodge knows up to "
                    + std::to_string(format_version)};
}

result<std::string> resolve(const std::string& path) {
  if (path.empty())
    return error{errc::invalid_argument, "the path of a database is empty"};
  std::error_code failed;
  auto resolved = std::filesystem::weakly_canonical(std::filesystem::absolute(path), failed);
  if (failed)
    return error{failed == std::errc::permission_denied ? errc::permission_denied : errc::io_error,
                 path + ": " + failed.message()};
  return resolved.string();
}

result<std::uint64_t> prepare_file(const std::string& path, bool create) {
  return guarded([&] {
    const auto is_judged = is_judged_without_locks(path, create);
    auto locks = sidecar::open(path);
    if (!locks)
      throw failure{locks.error()};
    const auto deadline = sidecar::clock::now() + opening_timeout;
    if (auto taken = (*locks)->take_opening(deadline); !taken)
      throw failure{taken.error()};
    if (auto turn = (*locks)->take_writers_turn(deadline); !turn)
      throw failure{turn.error()};
    if (!is_judged)
      judge_without_a_trace(path, create);
    return create_or_check(path, create);
  });
}

result<std::uint64_t> judge_file(const std::string& path) {
  return guarded([&] {
    // Nothing can be made beside a file that has its -shm already; this judges it whatever others do to it.
    std::error_code unknown;
    if (!std::filesystem::exists(path + "-shm", unknown))
      judge_without_a_trace(path, false);
    connection on{path, access::read};
    const read_scope snapshot{on};
    if (judge(on, path) == verdict::empty || on.ask("PRAGMA user_version") == 0)
      throw failure{errc::corrupt, path + " has no tables: its creation was cut short, or its WAL is lost"};
    if (const auto version = on.ask("PRAGMA user_version"); version < format_version)
      throw failure{errc::needs_recovery,
                    path + " has format " + std::to_string(version)
                      + ", and is to be opened once for writing, which makes it " + std::to_string(format_version)};
    return static_cast<std::uint64_t>(on.ask("SELECT identity FROM file"));
  });
}

void give_new_identity(connection& on) {
  statement change{on, "UPDATE file SET identity = ?"};
  change.with(new_identity()).run();
}

} // namespace lodge::storage
