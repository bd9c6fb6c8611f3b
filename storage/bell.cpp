#include "storage/bell.hpp"

#include "storage/sidecar.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace lodge::storage {

result<std::unique_ptr<bell>> bell::listen(const std::string& database_path) {
  const auto descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (descriptor < 0)
    return error{errc::unavailable, std::string{"inotify: "} + std::strerror(errno)};
  std::unique_ptr<bell> made{new bell{descriptor}};
  const auto path = sidecar_path(database_path);
  if (inotify_add_watch(descriptor, path.c_str(), IN_MODIFY) < 0)
    return error{errc::unavailable, "inotify on " + path + ": " + std::strerror(errno)};
  return made;
}

bell::~bell() { ::close(descriptor_); }

bool bell::wait(std::chrono::milliseconds longest) {
  pollfd waiting{descriptor_, POLLIN, 0};
  const auto pause = std::min<std::chrono::milliseconds::rep>(longest.count(), std::numeric_limits<int>::max());
  if (poll(&waiting, 1, static_cast<int>(pause)) <= 0)
    return false;
  // What they say is known; they are read so that the next call waits again.
  std::array<char, 4'096> events;
  while (read(descriptor_, events.data(), events.size()) > 0) {
  }
  return true;
}

} // namespace lodge::storage
