#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace lodge::bench {

/// Ends the program with exit code 1 after a line on standard error.
[[noreturn]] inline void fail(const std::string& why) {
  std::fprintf(stderr, "lodge_bench: %s\n", why.c_str());
  std::exit(1);
}

} // namespace lodge::bench
