#pragma once

#include <lodge/error.hpp>

#include <memory>
#include <string>

namespace lodge::storage {

/// Marks that this process has a database open, so that a child made by fork() can tell.
///
/// In such a child SQLite's knowledge of its own locks, copied with the rest of the memory, is wrong for every
/// connection to that file, new ones too.
///
/// **Operation**: a descriptor of the sidecar whose owner (F_SETOWN) is whoever opened it. The kernel keeps the list: a
/// child has its parent's descriptors, until exec. **Limits**: without a sidecar, as beside a file that is only read,
/// there is no mark.
class fork_mark {
public:
  /// Fails with errc::forked in a process that was forked from one that had the database open.
  static result<std::unique_ptr<fork_mark>> open(const std::string& database_path);
  ~fork_mark();

private:
  explicit fork_mark(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

} // namespace lodge::storage
