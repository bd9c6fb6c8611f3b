#pragma once

#include <lodge/error.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace lodge::storage {

/// Hears that some process has committed to a database: each writes a byte to the sidecar after its commit.
///
/// **Operation**: inotify on the sidecar. Not on the WAL: its event comes before the commit can be read.
/// **Limits**: a hint. Other SQLite programs do not ring; whoever listens asks the file from time to time as well.
/// **Concurrency**: one user at a time.
class bell {
public:
  /// Fails with errc::unavailable where the system gives no more inotify instances.
  static result<std::unique_ptr<bell>> listen(const std::string& database_path);
  ~bell();

  /// Returns after the first ring since the last call, or when the time is over. @returns Whether it rang.
  bool wait(std::chrono::milliseconds longest);

private:
  explicit bell(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

} // namespace lodge::storage
