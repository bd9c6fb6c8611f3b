#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lodge::torture {

/// A place in lodge's work, named by an SQL statement of it and how far that has come.
///
/// **Operation**: SQLite itself tells of each statement (`sqlite3_trace_v2` on every connection), and of each write to
/// a file (the `pwrite` of its VFS is replaced), so that lodge has no hooks for tests.
struct point {
  enum class moment : char {
    /// The statement is about to run.
    before,
    /// It has run; its transaction has not ended.
    after,
    /// The COMMIT of its transaction is about to run.
    committing,
    /// Half of a write to a file is done, of those that the statement's thread does from there on: in the COMMIT, or,
    /// where there is no transaction, in the statement.
    writing,
    /// The COMMIT has run; nobody was told.
    committed,
  };

  std::string statement;
  moment when = moment::before;
  /// The how many-th such statement of the process, and which write from there on, from 1.
  unsigned nth = 1;
  unsigned write = 1;
};

/// "publish:writing:2:3", as `parse_point` takes it; nth and write may be absent.
std::string to_string(const point& what);
std::optional<point> parse_point(const std::string& text);

/// Names of statements: those of a file's life, and those of its creation.
const std::vector<std::string>& statements_of_life();
const std::vector<std::string>& statements_of_birth();
const std::vector<std::string>& moments();
/// Whether only a process that compacts comes to it.
bool is_of_compaction(const std::string& statement);

/// Sends this process the signal, SIGKILL or SIGSTOP, once, on the thread that reaches the point.
///
/// Before the first database is opened.
void strike_at(const point& where, int signal);

} // namespace lodge::torture
