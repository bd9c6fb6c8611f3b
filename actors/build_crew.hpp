#pragma once

#include "actors/interfaces.hpp"

#include <lodge/error.hpp>
#include <lodge/options.hpp>

#include <caf/actor_addr.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace lodge {

/// The BUILD WORKERs of one run of COMPACTOR, from the first batch that is worth it to the end of the run.
///
/// **Operation**: a phase of the build is given out in small pieces, to each worker the next as it answers, and one
/// ahead so that it need not wait; when all are done, COMPACTOR hears of it. Between two phases nobody but COMPACTOR
/// has the graph. **Concurrency**: COMPACTOR's own.
class build_crew : public std::enable_shared_from_this<build_crew> {
public:
  /// @param workers At least 1.
  /// @param on_phase_end Called when a phase is done, or has failed; never after this object is gone.
  build_crew(compactor_actor::pointer self, run_mode mode, std::size_t workers,
             std::function<void(result<void>)> on_phase_end);
  build_crew(const build_crew&) = delete;
  build_crew& operator=(const build_crew&) = delete;
  /// Tells the workers to end. What they have in hand they finish, and nobody waits for it.
  ~build_crew();

  /// Whether the present batch is to be given out: it is large enough, and there are threads for workers.
  bool takes(const index::graph_builder& graph);
  /// Has all pieces of the present phase done.
  void do_phase(std::shared_ptr<index::graph_builder> graph);
  bool has(const caf::actor_addr& who) const;

private:
  void give(const build_worker_actor& worker);
  void take_answer(const build_worker_actor& worker);

  compactor_actor::pointer self_;
  run_mode mode_;
  std::size_t size_;
  std::function<void(result<void>)> on_phase_end_;
  std::vector<build_worker_actor> workers_;
  /// Of the present phase.
  std::shared_ptr<index::graph_builder> graph_;
  std::size_t unanswered_ = 0;
};

} // namespace lodge
