#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace lodge::cli {

/// A bar with rate and time left on standard error, if a terminal watches; else only the last line.
class progress {
public:
  progress(std::string what, std::uint64_t total);

  /// Draws it anew, some ten times a second at most.
  void show(std::uint64_t done);
  /// A line with the figures of all.
  void finish(std::uint64_t done, const std::string& remark = {});

private:
  using clock = std::chrono::steady_clock;

  std::string what_;
  std::uint64_t total_;
  bool watched_;
  clock::time_point start_ = clock::now();
  clock::time_point drawn_{};
};

/// A line that is written over by the next one, if a terminal watches.
void show_state(const std::string& text);
void clear_state();

} // namespace lodge::cli
