#pragma once

#include <array>
#include <csignal>

namespace lodge::cli {

/// Turns the first SIGINT or SIGTERM into a note while it lives, so that a command can end in good order where it
/// likes; a second one ends the process at once. Signals that were ignored stay ignored.
///
/// **Concurrency**: one at a time. Blocking the signals would need no handler, but libraries that start threads when
/// they are loaded (OpenBLAS) leave them open there.
class interruption {
public:
  interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;
  ~interruption();

  bool arrived() const;
  /// Can be read from, as poll says, once a signal has arrived.
  int descriptor() const { return descriptor_; }

private:
  static constexpr std::array<int, 2> signals{SIGINT, SIGTERM};

  std::array<struct sigaction, signals.size()> before_{};
  int descriptor_ = -1;
};

} // namespace lodge::cli
