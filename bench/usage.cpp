#include "bench/usage.hpp"

#include "bench/fail.hpp"

#include <fstream>
#include <string>
#include <sys/resource.h>

namespace lodge::bench {

namespace {

std::chrono::duration<double> duration_of(const timeval& of) {
  return std::chrono::seconds{of.tv_sec} + std::chrono::microseconds{of.tv_usec};
}

double written_bytes() {
  std::ifstream in{"/proc/self/io"};
  for (std::string word; in >> word;)
    if (word == "wchar:") {
      double value = 0;
      in >> value;
      return value;
    }
  fail("/proc/self/io has no line wchar");
}

} // namespace

usage usage_now() {
  rusage seen{};
  getrusage(RUSAGE_SELF, &seen);
  return {duration_of(seen.ru_utime) + duration_of(seen.ru_stime), written_bytes()};
}

} // namespace lodge::bench
