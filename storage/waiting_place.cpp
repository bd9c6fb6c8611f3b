#include "storage/waiting_place.hpp"

#include "storage/sidecar.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace lodge::storage {

namespace {

constexpr off_t page_size = 4'096;
constexpr std::chrono::nanoseconds pause_without_futex = std::chrono::milliseconds{1};

} // namespace

// By a descriptor of its own: a mapping keeps the locks of the descriptor that it was made with.
waiting_place::waiting_place(const std::string& path) : descriptor_(open_sidecar_file(path, O_RDWR)) {}

waiting_place::~waiting_place() {
  if (page_)
    munmap(page_, page_size);
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

std::uint32_t waiting_place::arrive(int offset) {
  if (!map())
    return 0;
  if (count(offset) == 0)
    add_one_and_wake(offset, 0);
  return count(offset);
}

void waiting_place::wait(int offset, std::uint32_t seen, std::chrono::nanoseconds longest) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest);
  const timespec timeout{seconds.count(), (longest - seconds).count()};
  if (map() && syscall(SYS_futex, page_ + offset, FUTEX_WAIT, seen, &timeout, nullptr, 0) == 0)
    return;
  if (!page_ || (errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT))
    std::this_thread::sleep_for(std::min(longest, pause_without_futex));
}

void waiting_place::leave(int offset) {
  if (count(offset) != 0 && map())
    add_one_and_wake(offset, 1);
}

bool waiting_place::map() {
  if (page_ || descriptor_ < 0)
    return page_ != nullptr;
  struct stat file {};
  if (fstat(descriptor_, &file) != 0)
    return false;
  // The kernel finds a page only where the file reaches.
  if (file.st_size < page_size && pwrite(descriptor_, "", 1, page_size - 1) != 1)
    return false;
  if (auto* mapped = mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0); mapped != MAP_FAILED)
    page_ = static_cast<char*>(mapped);
  return page_ != nullptr;
}

std::uint32_t waiting_place::count(int offset) const {
  std::uint32_t value = 0;
  return pread(descriptor_, &value, sizeof value, offset) == sizeof value ? value : 0;
}

void waiting_place::add_one_and_wake(int offset, int how_many) const {
  auto* count = page_ + offset;
  // Adds in the kernel; a second would be woken if the count had been -1, which does no harm.
  syscall(SYS_futex, count, FUTEX_WAKE_OP, how_many, nullptr, count, FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, -1));
}

} // namespace lodge::storage
