#pragma once

#include "actors/base_takeover.hpp"
#include "actors/collection_reading.hpp"
#include "actors/interfaces.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lodge {

/// What a LOADER is to read, and for whom.
struct loading_task {
  std::string path;
  storage::collection_row collection;
  /// The holder's number for this load, which comes back with everything.
  std::uint64_t load = 0;
  holder_actor holder;
  /// What the holder has: then only a newer base is taken over. Null: all is read.
  index::view_ptr known;
  std::function<void(const loading_progress&)> on_loading;
};

/// **Operation**: vectors first, of one read transaction, then the graphs; a base that cannot be used is passed over.
struct loader_state {
  explicit loader_state(loader_actor::pointer) {}
  static inline const char* name = "lodge.loader";

  /// The next slice: false when there is nothing left to do.
  result<bool> step(loader_actor::pointer self);

  loading_task task;
  std::optional<collection_reading> reading;
  std::optional<base_takeover> takeover;

private:
  result<bool> read(loader_actor::pointer self);
  result<bool> take_over(loader_actor::pointer self);
  void show_progress();

  std::chrono::steady_clock::time_point shown_at;
  std::size_t shown_rows = 0;
};

loader_actor::behavior_type loader(loader_actor::stateful_pointer<loader_state> self, loading_task task);

} // namespace lodge
