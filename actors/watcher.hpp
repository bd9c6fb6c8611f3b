#pragma once

#include "actors/interfaces.hpp"
#include "storage/bell.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace lodge {

/// **Operation**: waits for a ring of any process's WRITER, and tells LOG SYNC to look; also without a ring after each
/// pause, for commits of other SQLite programs.
/// **Limits**: where there is no inotify, the pause is all that there is. A stop is seen at the next ring, which the
/// closing WRITER gives, or after the pause.
struct watcher_state {
  explicit watcher_state(watcher_actor::pointer) {}
  static inline const char* name = "lodge.watcher";

  std::unique_ptr<storage::bell> bell;
  log_sync_actor log_sync;
};

/// Without `may_block` it only sleeps by timed messages.
watcher_actor::behavior_type watcher(watcher_actor::stateful_pointer<watcher_state> self, std::string path,
                                     std::chrono::milliseconds pause, bool may_block);

} // namespace lodge
