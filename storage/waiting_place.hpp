#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace lodge::storage {

/// Where a process waits until another has given a lock back: four-byte counts within a file's first page.
///
/// **Operation**: futex(2) on a shared mapping. Its address is all that is used of the mapping: the kernel compares,
/// adds and wakes, and the file is read by pread, so that one which was truncated is an error and not a signal. Who
/// waits is woken in the order of coming. A file at which nobody ever waited is neither mapped nor written.
/// **Limits**: a wake-up is a hint. One can be missing (who held the lock was killed, or the file cannot be mapped),
/// so that `wait` ends by itself, too. For one thread at a time.
class waiting_place {
public:
  explicit waiting_place(const std::string& path);
  ~waiting_place();
  waiting_place(const waiting_place&) = delete;
  waiting_place& operator=(const waiting_place&) = delete;

  /// From the first arrival on, those who leave count. To be called before the lock is tried the last time, for the
  /// count at `offset` (divisible by four).
  std::uint32_t arrive(int offset);
  /// Waits while the count is still `seen`, and `longest` at the most.
  void wait(int offset, std::uint32_t seen, std::chrono::nanoseconds longest);
  /// To be called once the lock is given back: wakes the one who has waited the longest.
  void leave(int offset);

private:
  bool map();
  std::uint32_t count(int offset) const;
  void add_one_and_wake(int offset, int how_many) const;

  int descriptor_;
  char* page_ = nullptr;
};

} // namespace lodge::storage
