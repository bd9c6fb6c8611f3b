#include "storage/sidecar.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lodge::storage {

namespace {

// Bytes of the sidecar; part of the protocol between processes.
constexpr int writing = 0;
constexpr int next_writer = 1;
constexpr int compacting = 2;
constexpr int opening = 3;
constexpr int locks = 4;
constexpr off_t rung = 8;

/// Where one waits for a byte's lock.
constexpr int place_of(int byte) { return 16 + 4 * byte; }

/// Who holds a lock and is killed wakes nobody.
constexpr sidecar::clock::duration longest_wait = std::chrono::milliseconds{5};

error system_error(errc code, const std::string& doing) { return {code, doing + ": " + std::strerror(errno)}; }

errc code_of_errno() {
  switch (errno) {
  case EACCES:
  case EPERM:
  case EROFS: return errc::permission_denied;
  case ENOENT:
  case ENOTDIR: return errc::file_not_found;
  case ENOSPC:
  case EDQUOT: return errc::disk_full;
  default: return errc::io_error;
  }
}

bool set_lock(int descriptor, short type, int byte, int bytes = 1) {
  struct flock wanted {};
  wanted.l_type = type;
  wanted.l_whence = SEEK_SET;
  wanted.l_start = byte;
  wanted.l_len = bytes;
  int code = 0;
  do
    code = fcntl(descriptor, F_OFD_SETLK, &wanted);
  while (code != 0 && errno == EINTR);
  return code == 0;
}

} // namespace

std::string sidecar_path(const std::string& database_path) { return database_path + "-lodge"; }

int open_sidecar_file(const std::string& path, int access) {
  // A link, or a pipe, was put there by somebody else.
  const auto descriptor = ::open(path.c_str(), access | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat file {};
  if (descriptor >= 0 && (fstat(descriptor, &file) != 0 || !S_ISREG(file.st_mode))) {
    ::close(descriptor);
    errno = ELOOP;
    return -1;
  }
  return descriptor;
}

result<std::unique_ptr<sidecar>> sidecar::open(const std::string& database_path) {
  const auto path = sidecar_path(database_path);
  auto descriptor = open_sidecar_file(path, O_RDWR);
  if (descriptor < 0 && errno == ENOENT)
    descriptor = make(database_path, path);
  // Made by another meanwhile.
  if (descriptor < 0 && errno == EEXIST)
    descriptor = open_sidecar_file(path, O_RDWR);
  if (descriptor < 0 && errno == ELOOP)
    return error{errc::io_error,
                 path + ", which has lodge's locks, is a link or no file; what put it there is not lodge"};
  if (descriptor < 0)
    return system_error(code_of_errno(), database_path + ": opening its locks, " + path);
  return std::unique_ptr<sidecar>{new sidecar{descriptor, path}};
}

int sidecar::make(const std::string& database_path, const std::string& path) {
  struct stat database {};
  const auto exists = ::stat(database_path.c_str(), &database) == 0;
  // Its owner can always write it: locks are needed to read, too.
  const auto mode = exists ? (database.st_mode & 0666) | 0600 : 0644;
  const auto descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  // The umask and a privileged maker must not keep out whoever may write the database.
  if (descriptor >= 0 && exists) {
    [[maybe_unused]] const auto mode_set = fchmod(descriptor, mode);
    [[maybe_unused]] const auto owner_set = fchown(descriptor, database.st_uid, database.st_gid);
  }
  return descriptor;
}

sidecar::~sidecar() {
  // A child made by fork() may have the descriptor still, and with it the locks.
  if (getpid() == process_)
    set_lock(descriptor_, F_UNLCK, 0, locks);
  ::close(descriptor_);
}

result<void> sidecar::take_writers_turn(clock::time_point deadline) {
  if (auto next = lock(next_writer, deadline); !next)
    return next;
  auto turn = lock(writing, deadline);
  unlock(next_writer);
  return turn;
}

void sidecar::end_writers_turn() { unlock(writing); }

result<void> sidecar::take_compaction_role() { return lock(compacting, clock::time_point::min()); }
void sidecar::end_compaction_role() { unlock(compacting); }

result<void> sidecar::take_opening(clock::time_point deadline) { return lock(opening, deadline); }
void sidecar::end_opening() { unlock(opening); }

void sidecar::ring() const {
  // A hint: who does not hear it looks by itself before long.
  [[maybe_unused]] const auto written = pwrite(descriptor_, "", 1, rung);
}

result<void> sidecar::lock(int byte, clock::time_point deadline) {
  if (set_lock(descriptor_, F_WRLCK, byte))
    return {};
  while (true) {
    const auto seen = waiting_.arrive(place_of(byte));
    if (set_lock(descriptor_, F_WRLCK, byte))
      return {};
    if (errno != EAGAIN && errno != EACCES)
      return system_error(errc::io_error, "locking the sidecar file");
    const auto now = clock::now();
    if (now >= deadline)
      return error{errc::busy, "another process holds the lock of byte " + std::to_string(byte)};
    // Not by a blocking call for the lock, which only a signal would end.
    waiting_.wait(place_of(byte), seen, std::min(deadline - now, longest_wait));
  }
}

void sidecar::unlock(int byte) {
  set_lock(descriptor_, F_UNLCK, byte);
  waiting_.leave(place_of(byte));
}

} // namespace lodge::storage
