#pragma once

#include <cstdio>
#include <string>
#include <unistd.h>

namespace lodge::torture {

/// Exit code of a process that saw something wrong.
inline constexpr int saw_wrong = 3;

/// Says what is wrong, and ends the process on the spot, from any thread, so that the file stays as it is.
[[noreturn]] inline void cry_out(const std::string& what) {
  const auto line = "torture: process " + std::to_string(getpid()) + ": " + what + "\n";
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  _exit(saw_wrong);
}

} // namespace lodge::torture
