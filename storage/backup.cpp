#include "storage/backup.hpp"

#include "storage/schema.hpp"
#include "storage/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace lodge::storage {

namespace {

void remove_all(const std::string& path) {
  for (const auto* suffix : {"", "-wal", "-shm", "-journal"})
    ::unlink((path + suffix).c_str());
}

errc code_of_step(int code) {
  switch (code & 0xff) {
  case SQLITE_FULL: return errc::disk_full;
  case SQLITE_CORRUPT: return errc::corrupt;
  default: return errc::io_error;
  }
}

void copy_pages(connection& from, connection& to) {
  auto* backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr)
    throw failure{errc::io_error, std::string{"backup: "} + sqlite3_errmsg(to.handle())};
  // The source is in a read transaction, so that one step sees one snapshot to its end.
  const auto code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE)
    throw failure{code_of_step(code), std::string{"backup: "} + sqlite3_errstr(code)};
}

void sync_directory(const std::filesystem::path& of) {
  const auto directory = of.has_parent_path() ? of.parent_path() : std::filesystem::path{"."};
  if (const auto descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); descriptor >= 0) {
    ::fsync(descriptor);
    ::close(descriptor);
  }
}

/// Writes the copy under a name of its own, complete and durable.
position write_copy(const std::string& path, const std::string& copy) {
  connection from{path, access::read};
  const read_scope snapshot{from};
  require_known_format(from);
  connection to{copy, access::read_write_create};
  copy_pages(from, to);
  // A file of its own without a WAL beside it: one file to move around.
  to.run("PRAGMA journal_mode = DELETE");
  give_new_identity(to);
  return {static_cast<std::uint64_t>(to.ask("SELECT identity FROM file")),
          static_cast<std::uint64_t>(to.ask("SELECT sequence FROM file"))};
}

} // namespace

result<position> back_up(const std::string& path, const std::string& target) {
  return guarded([&] {
    struct stat status {};
    if (::lstat(target.c_str(), &status) == 0)
      throw failure{errc::file_exists, target + " exists"};
    const auto copy = target + ".partial";
    remove_all(copy);
    try {
      const auto at = write_copy(path, copy);
      // link() unlike rename() does not replace what came to be there meanwhile.
      if (::link(copy.c_str(), target.c_str()) != 0)
        throw failure{errno == EEXIST ? errc::file_exists : errc::io_error, target + ": " + std::strerror(errno)};
      remove_all(copy);
      sync_directory(target);
      return at;
    } catch (...) {
      remove_all(copy);
      throw;
    }
  });
}

} // namespace lodge::storage
