#pragma once

#include "actors/interfaces.hpp"

#include <cstdint>

namespace lodge {

/// **Operation**: validates at the door, turns timeouts into deadlines, and hands on. Answers for the parts behind
/// it when they are being started again.
struct collection_state {
  explicit collection_state(collection_inside_actor::pointer) {}
  static inline const char* name = "lodge.collection";

  /// Why nothing can be done now, if so.
  result<crew_ptr> ready() const;
  const searcher_actor& next_searcher();

  storage::collection_row row;
  crew_ptr neighbours;
  holder_actor holder;
  std::size_t searches = 0;
  /// Set once the collection was dropped or the database closed: the answer to everything.
  error gone;
};

collection_inside_actor::behavior_type collection(collection_inside_actor::stateful_pointer<collection_state> self,
                                                  storage::collection_row row);

} // namespace lodge
