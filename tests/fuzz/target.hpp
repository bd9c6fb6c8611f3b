#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

/// What every target defines: libFuzzer, or `driver.cpp` in builds without it, calls it with any bytes at all.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace lodge::fuzz {

/// Ends the program, which is how a target says that an answer is wrong.
inline void require(bool condition, const char* what) {
  if (condition)
    return;
  std::fprintf(stderr, "fuzz target: not so: %s\n", what);
  std::abort();
}

inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

} // namespace lodge::fuzz
