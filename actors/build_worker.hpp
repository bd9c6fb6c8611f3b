#pragma once

#include "actors/interfaces.hpp"

#include <lodge/options.hpp>

namespace lodge {

/// **Operation**: one of those that a COMPACTOR spawns for the time of a build; the pieces that it is given are its own
/// until it has answered. **Concurrency**: as COMPACTOR, a thread of its own at the lowest priority.
struct build_worker_state {
  static inline const char* name = "lodge.build_worker";
  index::walk_scratch scratch;
};

build_worker_actor::behavior_type build_worker(build_worker_actor::stateful_pointer<build_worker_state> self,
                                               run_mode mode);

} // namespace lodge
