#pragma once

#include "actors/interfaces.hpp"
#include "storage/reader.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>

namespace lodge {

/// To `attach` with: tell me what comes from now on.
inline constexpr auto from_now_on = std::numeric_limits<std::uint64_t>::max();

/// **Operation**: for each holder, the log after the last number that it was told, in one read transaction.
/// **Limits**: a read that fails is told to the holder, and tried again with the next nudge or a little later.
struct log_sync_state {
  explicit log_sync_state(log_sync_actor::pointer) {}
  static inline const char* name = "lodge.log_sync";

  /// A holder and what it knows.
  struct listener {
    holder_actor holder;
    std::uint64_t number = 0;
    bool with_rows = false;
    storage::base_distance distance;
  };

  result<std::uint64_t> attach(collection_id id, std::uint64_t from, bool with_rows, holder_actor holder);
  /// Tells every holder what is new to it, if anything was committed since the last call.
  void read_news(log_sync_actor::pointer self);
  /// Nudges itself, if it has not done so already.
  void try_again(log_sync_actor::pointer self);
  /// Tells one, also if nothing is new.
  result<std::uint64_t> tell(log_sync_actor::pointer self, collection_id id, listener& who, bool always);

  std::unique_ptr<storage::reader> file;
  std::map<collection_id, listener> listeners;
  /// A read failed, and what it would have told is still to be told.
  bool behind = false;
  /// When its own nudge comes.
  caf::actor_clock::time_point next_try;
};

log_sync_actor::behavior_type log_sync(log_sync_actor::stateful_pointer<log_sync_state> self, std::string path);

} // namespace lodge
