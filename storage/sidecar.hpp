#pragma once

#include "storage/waiting_place.hpp"

#include <lodge/error.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <unistd.h>

namespace lodge::storage {

/// The file `FILE-lodge` beside a database: lodge's locks between processes, one byte each, and the byte that a writer
/// writes after its commit.
///
/// **Operation**: open-file-description locks, which the kernel gives back with their holder, and which, unlike
/// SQLite's own, survive the closing of another descriptor in the same process. What is in the file means nothing.
/// **Limits**: a lock is held by this object, not by a thread. A child made by fork() shares it: one that neither ends
/// nor calls exec keeps the locks of a parent that died with them.
class sidecar {
public:
  using clock = std::chrono::steady_clock;

  /// Makes the file if needed, with the database's mode and owner. What is no regular file is not opened.
  static result<std::unique_ptr<sidecar>> open(const std::string& database_path);
  ~sidecar();

  /// Waits for this process's turn to write. Two bytes make a turnstile: who has just written cannot pass one who
  /// waits. Fails with errc::busy at the deadline.
  result<void> take_writers_turn(clock::time_point deadline);
  void end_writers_turn();

  /// Takes the right to compact; errc::busy if another process has it.
  result<void> take_compaction_role();
  void end_compaction_role();

  /// Held while a file is judged, created or upgraded.
  result<void> take_opening(clock::time_point deadline);
  void end_opening();

  /// Wakes whoever listens to this database's `bell`.
  void ring() const;

private:
  static int make(const std::string& database_path, const std::string& path);
  sidecar(int descriptor, const std::string& path) : descriptor_(descriptor), waiting_(path) {}
  result<void> lock(int byte, clock::time_point deadline);
  void unlock(int byte);

  int descriptor_;
  pid_t process_ = getpid();
  waiting_place waiting_;
};

/// "words.lodge-lodge" for "words.lodge".
std::string sidecar_path(const std::string& database_path);

/// Opens it if it is a regular file; -1 and errno otherwise, ELOOP for a link, a pipe or a device.
int open_sidecar_file(const std::string& path, int access);

} // namespace lodge::storage
