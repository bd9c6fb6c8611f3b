#pragma once

#include <chrono>
#include <cstdint>

namespace lodge::bench {

/// What this process has used so far.
struct usage {
  /// Of all its threads, those that ended included.
  std::chrono::duration<double> cpu{0};
  /// Given to the kernel to write (wchar of /proc/self/io), whether or not it has reached a disk.
  double written_bytes = 0;

  friend usage operator-(const usage& a, const usage& b) { return {a.cpu - b.cpu, a.written_bytes - b.written_bytes}; }
};

usage usage_now();

} // namespace lodge::bench
