#include "actors/build_crew.hpp"

#include "actors/build_worker.hpp"
#include "actors/caf_errors.hpp"
#include "actors/spawn.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace lodge {

namespace {

/// In milliseconds these are one or two; a message to another thread takes a twentieth of one.
constexpr std::size_t rows_a_piece = 16;
constexpr std::size_t smallest_batch = 2 * rows_a_piece;
constexpr std::size_t pieces_at_once = 2;

} // namespace

build_crew::build_crew(compactor_actor::pointer self, run_mode mode, std::size_t workers,
                       std::function<void(result<void>)> on_phase_end)
  : self_(self), mode_(mode), size_(workers), on_phase_end_(std::move(on_phase_end)) {}

build_crew::~build_crew() {
  for (const auto& each : workers_)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}

/// Tests order the steps of collections that are small.
bool build_crew::takes(const index::graph_builder& graph) {
  if (graph.batch() < (mode_ == run_mode::threads ? smallest_batch : 1))
    return false;
  while (workers_.size() < size_ && has_thread_to_give(mode_))
    workers_.push_back(spawn_blocking<caf::monitored>(mode_, *self_, build_worker, mode_));
  // Where there is no thread for one, it is not tried again.
  size_ = workers_.size();
  return size_ > 0;
}

void build_crew::do_phase(std::shared_ptr<index::graph_builder> graph) {
  graph_ = std::move(graph);
  for (std::size_t i = 0; i < pieces_at_once; ++i)
    for (const auto& each : workers_)
      give(each);
}

bool build_crew::has(const caf::actor_addr& who) const {
  return std::ranges::any_of(workers_, [&](const auto& x) { return x.address() == who; });
}

void build_crew::give(const build_worker_actor& worker) {
  const auto piece = graph_->next_piece(mode_ == run_mode::threads ? rows_a_piece : 1);
  if (!piece)
    return;
  ++unanswered_;
  self_->request(worker, caf::infinite, build_atom_v, build_order{graph_, *piece})
    .then(
      [crew = weak_from_this(), worker](bool) {
        if (const auto alive = crew.lock())
          alive->take_answer(worker);
      },
      [crew = weak_from_this()](caf::error& failure) {
        if (const auto alive = crew.lock())
          alive->on_phase_end_(from_caf(failure));
      });
}

void build_crew::take_answer(const build_worker_actor& worker) {
  --unanswered_;
  give(worker);
  if (unanswered_ > 0)
    return;
  std::exchange(graph_, nullptr)->end_phase();
  on_phase_end_({});
}

} // namespace lodge
