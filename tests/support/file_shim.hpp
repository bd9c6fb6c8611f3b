#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lodge::test {

enum class file_operation : std::uint8_t { open, remove, read, write, truncate, sync };
inline constexpr std::size_t file_operations = 6;

const char* to_string(file_operation what);

/// Which operation fails, and how.
struct fault {
  file_operation what = file_operation::write;
  /// SQLite's extended code. SQLITE_FULL writes half of the bytes before it fails, SQLITE_IOERR_SHORT_READ gives half
  /// of the bytes and zeros.
  int code = 0;
  /// The n-th operation of the kind from now, counted from 1.
  std::uint64_t nth = 1;
  /// All that come after it fail, too, until the next `plan` or `heal`.
  bool lasting = false;
  /// Only files whose names end so: "-wal".
  std::string_view of = {};
};

/// One thing that was done to a file.
struct file_event {
  enum class kind : std::uint8_t { open, write, truncate, sync, remove, mark };
  kind what = kind::mark;
  std::string path = {};
  /// Of a write the offset, of a truncation the size, of a mark its number.
  std::uint64_t place = 0;
  std::vector<std::uint8_t> bytes = {};
  /// A sync or removal that made the names in the directory durable, too.
  bool with_directory = false;
};

/// Stands between SQLite and the system's files, in every connection of this process.
///
/// **Operation**: passes everything on, counts it, lets a planned operation fail, and records what changes files.
/// Syncs are counted and recorded, but not passed on: these tests have no need of the disk.
/// **Concurrency**: operations may come from any thread; planning, recording and reading are for times when only one
/// thread works. **Limits**: the shared memory of the WAL's index is passed through unseen.
class file_shim {
public:
  /// The one of this process, from now on SQLite's default.
  static file_shim& installed();

  void plan(const fault& next);
  void heal();
  /// Operations that failed since the last `plan`.
  std::uint64_t fired() const;
  /// Operations of a kind since the last `plan` or `heal`, of the files that were planned for.
  std::uint64_t counted(file_operation what) const;

  void start_recording();
  /// A place in the recording, such as "the third commit was answered".
  void mark(std::uint64_t number);
  std::vector<file_event> stop_recording();

private:
  file_shim();
};

} // namespace lodge::test
