#include "storage/fork_mark.hpp"

#include "storage/sidecar.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace lodge::storage {

namespace {

/// Of the descriptors of a sidecar only the marks are for reading.
bool is_mark(int descriptor, const struct stat& of) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && status.st_dev == of.st_dev && status.st_ino == of.st_ino
    && (fcntl(descriptor, F_GETFL) & O_ACCMODE) == O_RDONLY;
}

result<void> require_unforked(const std::string& database_path) {
  struct stat sidecar {};
  if (::stat(sidecar_path(database_path).c_str(), &sidecar) != 0)
    return {};
  std::error_code no_list;
  for (const auto& each : std::filesystem::directory_iterator{"/proc/self/fd", no_list})
    if (const auto descriptor = std::atoi(each.path().filename().c_str());
        is_mark(descriptor, sidecar) && fcntl(descriptor, F_GETOWN) != getpid())
      return error{errc::forked,
                   database_path + " was open when this process, " + std::to_string(getpid())
                     + ", was forked; it can be opened after exec, or in a child that was forked while it was closed"};
  return {};
}

} // namespace

result<std::unique_ptr<fork_mark>> fork_mark::open(const std::string& database_path) {
  if (auto unforked = require_unforked(database_path); !unforked)
    return unforked.error();
  const auto descriptor = open_sidecar_file(sidecar_path(database_path), O_RDONLY);
  // Nothing is ever sent to the owner: the file is no socket.
  if (descriptor >= 0)
    fcntl(descriptor, F_SETOWN, getpid());
  return std::unique_ptr<fork_mark>{new fork_mark{descriptor}};
}

fork_mark::~fork_mark() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

} // namespace lodge::storage
