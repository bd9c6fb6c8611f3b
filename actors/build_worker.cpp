//  COMPACTOR ── a piece of a phase ──▶ BUILD WORKER ── done ──▶ COMPACTOR

#include "actors/build_worker.hpp"

#include "actors/caf_errors.hpp"
#include "actors/low_priority.hpp"
#include "actors/spawn.hpp"

namespace lodge {

build_worker_actor::behavior_type build_worker(build_worker_actor::stateful_pointer<build_worker_state> self,
                                               run_mode mode) {
  lower_priority(mode);
  self->set_exception_handler(end_quietly);
  return {
    [self](build_atom, const build_order& order) -> caf::result<bool> {
      if (auto worked = order.graph->work(order.piece, self->state.scratch); !worked)
        return to_caf(worked.error());
      return true;
    },
  };
}

} // namespace lodge
