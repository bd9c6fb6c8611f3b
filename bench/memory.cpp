#include "bench/memory.hpp"

#include "bench/fail.hpp"

#include <fstream>
#include <string>

namespace lodge::bench {

namespace {

std::uint64_t status_line(const std::string& name) {
  std::ifstream in{"/proc/self/status"};
  for (std::string word; in >> word;)
    if (word == name) {
      std::uint64_t value = 0;
      in >> value;
      return value;
    }
  fail("/proc/self/status has no line " + name);
}

} // namespace

std::uint64_t resident_kib() { return status_line("VmRSS:"); }
std::uint64_t peak_kib() { return status_line("VmHWM:"); }

void forget_peak() {
  std::ofstream reset{"/proc/self/clear_refs"};
  if (!(reset << 5 << std::flush))
    fail("/proc/self/clear_refs cannot be written, so that the peak of memory is not that of the contestant alone");
}

} // namespace lodge::bench
