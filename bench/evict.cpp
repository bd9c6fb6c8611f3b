#include "bench/evict.hpp"

#include "bench/fail.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace lodge::bench {

namespace {

double cached_share(int descriptor, std::size_t bytes) {
  if (bytes == 0)
    return 0;
  auto* mapped = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor, 0);
  if (mapped == MAP_FAILED)
    fail(std::string{"a file cannot be mapped: "} + std::strerror(errno));
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> resident((bytes + page - 1) / page);
  const auto seen = mincore(mapped, bytes, resident.data());
  munmap(mapped, bytes);
  if (seen != 0)
    fail(std::string{"the cache cannot be looked at: "} + std::strerror(errno));
  const auto cached = std::ranges::count_if(resident, [](unsigned char x) { return (x & 1U) != 0; });
  return static_cast<double>(cached) / static_cast<double>(resident.size());
}

} // namespace

double evict(const std::string& file) {
  const auto descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    fail(file + " cannot be opened: " + std::strerror(errno));
  // Only what is on the disk can be forgotten.
  fsync(descriptor);
  posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  struct stat seen {};
  fstat(descriptor, &seen);
  const auto share = cached_share(descriptor, static_cast<std::size_t>(seen.st_size));
  close(descriptor);
  return share;
}

} // namespace lodge::bench
