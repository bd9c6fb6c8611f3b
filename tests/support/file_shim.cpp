#include "tests/support/file_shim.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace lodge::test {

namespace {

struct shim_state {
  sqlite3_vfs* real = nullptr;
  sqlite3_vfs own = {};
  fault planned;
  std::atomic<bool> is_planned{false};
  std::atomic<std::uint64_t> fired{0};
  std::array<std::atomic<std::uint64_t>, file_operations> counted{};
  /// What `xGetLastError` says next, after a failure of ours.
  std::atomic<int> last_errno{0};
  bool records = false;
  std::vector<file_event> events;
};

shim_state& state() {
  static shim_state one;
  return one;
}

/// SQLite allocates it, with the real file behind it.
struct shim_file {
  sqlite3_file base;
  /// Lives as long as the file is open. Null for a temporary one, which is left alone.
  const char* name;
  /// The unix files sync their directory with the first sync of a journal or WAL that they may have made.
  bool syncs_directory;
};

sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<shim_file*>(file) + 1);
}
const char* name_of(sqlite3_file* file) { return reinterpret_cast<shim_file*>(file)->name; }

/// Counts an operation. @returns The code with which it is to fail, or SQLITE_OK.
int count(file_operation what, const char* name) {
  auto& s = state();
  if (name == nullptr || !std::string_view{name}.ends_with(s.planned.of))
    return SQLITE_OK;
  const auto number = ++s.counted[static_cast<std::size_t>(what)];
  if (!s.is_planned || what != s.planned.what || number < s.planned.nth
      || (number > s.planned.nth && !s.planned.lasting))
    return SQLITE_OK;
  ++s.fired;
  s.last_errno = s.planned.code == SQLITE_FULL ? ENOSPC : EIO;
  return s.planned.code;
}

void record(file_event::kind what, const char* name, std::uint64_t place = 0, const void* bytes = nullptr,
            std::size_t size = 0, bool with_directory = false) {
  if (!state().records || name == nullptr)
    return;
  const auto* first = static_cast<const std::uint8_t*>(bytes);
  state().events.push_back({what, name, place, {first, first + size}, with_directory});
}

int close_file(sqlite3_file* file) {
  auto* const real = real_of(file);
  return real->pMethods == nullptr ? SQLITE_OK : real->pMethods->xClose(real);
}

int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  auto* const real = real_of(file);
  const auto code = count(file_operation::read, name_of(file));
  if (code == SQLITE_OK)
    return real->pMethods->xRead(real, into, size, offset);
  std::memset(into, 0, static_cast<std::size_t>(size));
  if (code == SQLITE_IOERR_SHORT_READ)
    real->pMethods->xRead(real, into, size / 2, offset);
  return code;
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  auto* const real = real_of(file);
  const auto code = count(file_operation::write, name_of(file));
  if (code != SQLITE_OK)
    size = code == SQLITE_FULL ? size / 2 : 0;
  if (size == 0)
    return code;
  record(file_event::kind::write, name_of(file), static_cast<std::uint64_t>(offset), from,
         static_cast<std::size_t>(size));
  const auto written = real->pMethods->xWrite(real, from, size, offset);
  return code == SQLITE_OK ? written : code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  auto* const real = real_of(file);
  if (const auto code = count(file_operation::truncate, name_of(file)); code != SQLITE_OK)
    return code;
  record(file_event::kind::truncate, name_of(file), static_cast<std::uint64_t>(size));
  return real->pMethods->xTruncate(real, size);
}

int sync_file(sqlite3_file* file, int) {
  auto* const self = reinterpret_cast<shim_file*>(file);
  if (const auto code = count(file_operation::sync, self->name); code != SQLITE_OK)
    return code;
  record(file_event::kind::sync, self->name, 0, nullptr, 0, std::exchange(self->syncs_directory, false));
  return SQLITE_OK;
}

/// Passes a method on to the real file.
template <auto Method>
struct pass;
template <class... Ts, int (*sqlite3_io_methods::*Method)(sqlite3_file*, Ts...)>
struct pass<Method> {
  static int on(sqlite3_file* file, Ts... values) {
    auto* const real = real_of(file);
    return (real->pMethods->*Method)(real, values...);
  }
};

void shm_barrier(sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }

using io = sqlite3_io_methods;

/// Version 2: no memory maps, which would go past us.
constexpr sqlite3_io_methods methods{2,
                                     close_file,
                                     read_file,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     pass<&io::xFileSize>::on,
                                     pass<&io::xLock>::on,
                                     pass<&io::xUnlock>::on,
                                     pass<&io::xCheckReservedLock>::on,
                                     pass<&io::xFileControl>::on,
                                     pass<&io::xSectorSize>::on,
                                     pass<&io::xDeviceCharacteristics>::on,
                                     pass<&io::xShmMap>::on,
                                     pass<&io::xShmLock>::on,
                                     shm_barrier,
                                     pass<&io::xShmUnmap>::on,
                                     nullptr,
                                     nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_got) {
  auto* const self = reinterpret_cast<shim_file*>(file);
  self->base.pMethods = nullptr;
  self->name = name;
  self->syncs_directory =
    (flags & SQLITE_OPEN_CREATE) != 0 && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  real_of(file)->pMethods = nullptr;
  if (const auto code = count(file_operation::open, name); code != SQLITE_OK)
    return code;
  const auto code = state().real->xOpen(state().real, name, real_of(file), flags, flags_got);
  if (code == SQLITE_OK) {
    self->base.pMethods = &methods;
    if ((flags & SQLITE_OPEN_CREATE) != 0)
      record(file_event::kind::open, name);
  }
  return code;
}

int remove_file(sqlite3_vfs*, const char* name, int with_directory) {
  if (const auto code = count(file_operation::remove, name); code != SQLITE_OK)
    return code;
  record(file_event::kind::remove, name, 0, nullptr, 0, with_directory != 0);
  return state().real->xDelete(state().real, name, 0);
}

int last_error(sqlite3_vfs*, int size, char* text) {
  if (const auto ours = state().last_errno.exchange(0); ours != 0)
    return ours;
  return state().real->xGetLastError(state().real, size, text);
}

} // namespace

const char* to_string(file_operation what) {
  constexpr std::array names{"open", "remove", "read", "write", "truncate", "sync"};
  return names.at(static_cast<std::size_t>(what));
}

file_shim::file_shim() {
  auto& s = state();
  s.real = sqlite3_vfs_find(nullptr);
  s.own = *s.real;
  s.own.szOsFile += static_cast<int>(sizeof(shim_file));
  s.own.pNext = nullptr;
  s.own.zName = "lodge-test-shim";
  s.own.xOpen = open_file;
  s.own.xDelete = remove_file;
  s.own.xGetLastError = last_error;
  sqlite3_vfs_register(&s.own, 1);
}

file_shim& file_shim::installed() {
  static file_shim one;
  return one;
}

void file_shim::plan(const fault& next) {
  heal();
  state().planned = next;
  state().fired = 0;
  state().is_planned = true;
}

void file_shim::heal() {
  state().is_planned = false;
  state().planned = {};
  state().last_errno = 0;
  std::ranges::for_each(state().counted, [](auto& each) { each = 0; });
}

std::uint64_t file_shim::fired() const { return state().fired; }

std::uint64_t file_shim::counted(file_operation what) const { return state().counted[static_cast<std::size_t>(what)]; }

void file_shim::start_recording() {
  state().events.clear();
  state().records = true;
}

void file_shim::mark(std::uint64_t number) {
  if (state().records)
    state().events.push_back({file_event::kind::mark, {}, number, {}, false});
}

std::vector<file_event> file_shim::stop_recording() {
  state().records = false;
  return std::exchange(state().events, {});
}

} // namespace lodge::test
