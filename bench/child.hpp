#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace lodge::bench {

/// A line that a child process wrote, and when it came.
struct child_line {
  /// Since just before the process was started.
  std::chrono::duration<double> after{0};
  std::string text;
};

/// Runs this program anew with other arguments, and reads its standard output to the end. A child that fails ends
/// this program with a word.
std::vector<child_line> run_child(std::vector<std::string> arguments);

} // namespace lodge::bench
