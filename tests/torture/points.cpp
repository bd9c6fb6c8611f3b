#include "tests/torture/points.hpp"

#include "tests/torture/outcry.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <set>
#include <sqlite3.h>
#include <sstream>
#include <string_view>
#include <unistd.h>

namespace lodge::torture {

namespace {

/// How each statement begins.
const std::map<std::string, std::string_view>& statements() {
  static const std::map<std::string, std::string_view> all{
    {"begin", "BEGIN IMMEDIATE"},
    {"put", "INSERT INTO items"},
    {"log", "INSERT INTO pending"},
    {"death", "UPDATE items SET died_at"},
    {"number", "UPDATE file SET sequence"},
    // A compaction has the role and its snapshot, and reads what it will build from.
    {"gather", "SELECT label FROM items INDEXED BY living_items"},
    {"segment", "UPDATE file SET segments"},
    {"chunk", "INSERT INTO chunks"},
    {"publish", "INSERT OR REPLACE INTO bases"},
    {"cut", "UPDATE collections SET dropped_up_to"},
    {"cut_log", "DELETE FROM pending"},
    {"cut_deletions", "DELETE FROM deletions"},
    {"sweep", "DELETE FROM items"},
    {"orphan", "DELETE FROM chunks"},
    {"vacuum", "PRAGMA incremental_vacuum"},
    {"checkpoint", "PRAGMA wal_checkpoint"},
    {"create", "INSERT INTO collections"},
    {"drop", "UPDATE collections SET dropped_at"},
    {"drop_base", "DELETE FROM bases"},
    {"birth_mode", "PRAGMA auto_vacuum = INCREMENTAL"},
    {"birth_application", "PRAGMA application_id ="},
    {"birth_wal", "PRAGMA journal_mode = WAL"},
    {"birth_first_table", "CREATE TABLE file"},
    {"birth_last_table", "CREATE TABLE chunks"},
    {"birth_row", "INSERT INTO file"},
    {"birth_version", "PRAGMA user_version = 2"},
  };
  return all;
}

constexpr std::string_view commit = "COMMIT";

/// What this process waits for.
struct target {
  point where;
  std::string_view begins_with;
  int signal = SIGKILL;
  std::atomic<unsigned> seen = 0;
  std::atomic<bool> struck = false;
};

target& chosen() {
  static target only;
  return only;
}

/// The connection on which this thread has met the statement, and the writes that are still let pass.
thread_local sqlite3* met = nullptr;
thread_local unsigned writes_left = 0;

void strike() {
  auto& t = chosen();
  met = nullptr;
  if (t.struck.exchange(true))
    return;
  raise(t.signal);
}

std::string_view text_of(sqlite3_stmt* statement) {
  const char* sql = sqlite3_sql(statement);
  std::string_view text = sql == nullptr ? "" : sql;
  text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
  return text;
}

void on_start(sqlite3* connection, std::string_view text) {
  auto& t = chosen();
  if (text.starts_with(t.begins_with) && ++t.seen == t.where.nth) {
    met = connection;
    writes_left = t.where.write;
    if (t.where.when == point::moment::before)
      strike();
  } else if (met == connection && text == commit && t.where.when == point::moment::committing) {
    strike();
  }
}

void on_end(sqlite3* connection, std::string_view text) {
  const auto& t = chosen();
  if (met != connection)
    return;
  if ((t.where.when == point::moment::after && text.starts_with(t.begins_with))
      || (t.where.when == point::moment::committed && text == commit))
    strike();
}

int on_trace(unsigned event, void*, void* statement, void*) {
  auto* of = static_cast<sqlite3_stmt*>(statement);
  if (event == SQLITE_TRACE_STMT)
    on_start(sqlite3_db_handle(of), text_of(of));
  else
    on_end(sqlite3_db_handle(of), text_of(of));
  return 0;
}

int on_open(sqlite3* connection, const char**, const sqlite3_api_routines*) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, on_trace, nullptr);
}

ssize_t torn_pwrite(int descriptor, const void* bytes, size_t count, off_t at) {
  if (met != nullptr && chosen().where.when == point::moment::writing && --writes_left == 0) {
    [[maybe_unused]] const auto half = pwrite(descriptor, bytes, count / 2, at);
    strike();
  }
  return pwrite(descriptor, bytes, count, at);
}

} // namespace

std::string to_string(const point& what) {
  return what.statement + ':' + moments()[static_cast<std::size_t>(what.when)] + ':' + std::to_string(what.nth) + ':'
    + std::to_string(what.write);
}

std::optional<point> parse_point(const std::string& text) {
  std::istringstream in{text};
  point made;
  std::string when;
  std::string nth = "1";
  std::string write = "1";
  std::getline(in, made.statement, ':');
  std::getline(in, when, ':');
  if (std::getline(in, nth, ':'))
    std::getline(in, write, ':');
  const auto moment = std::ranges::find(moments(), when);
  if (!statements().contains(made.statement) || moment == moments().end())
    return std::nullopt;
  made.when = static_cast<point::moment>(moment - moments().begin());
  made.nth = static_cast<unsigned>(std::stoul(nth));
  made.write = static_cast<unsigned>(std::stoul(write));
  return made;
}

const std::vector<std::string>& statements_of_life() {
  static const auto all = [] {
    std::vector<std::string> names;
    for (const auto& [name, begins_with] : statements())
      if (!name.starts_with("birth_"))
        names.push_back(name);
    return names;
  }();
  return all;
}

const std::vector<std::string>& statements_of_birth() {
  static const auto all = [] {
    std::vector<std::string> names;
    for (const auto& [name, begins_with] : statements())
      if (name.starts_with("birth_"))
        names.push_back(name);
    return names;
  }();
  return all;
}

const std::vector<std::string>& moments() {
  static const std::vector<std::string> names{"before", "after", "committing", "writing", "committed"};
  return names;
}

bool is_of_compaction(const std::string& statement) {
  static const std::set<std::string> all{"gather",  "segment",       "chunk",  "publish", "cut",
                                         "cut_log", "cut_deletions", "orphan", "sweep",   "vacuum"};
  return all.contains(statement);
}

void strike_at(const point& where, int signal) {
  auto& t = chosen();
  t.where = where;
  t.begins_with = statements().at(where.statement);
  t.signal = signal;
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(on_open));
  auto* files = sqlite3_vfs_find(nullptr);
  // SQLite is built to use one of the two.
  for (const auto* name : {"pwrite", "pwrite64"})
    if (files->xSetSystemCall(files, name, reinterpret_cast<sqlite3_syscall_ptr>(torn_pwrite)) != SQLITE_OK)
      cry_out("SQLite's files are not those of unix");
}

} // namespace lodge::torture
