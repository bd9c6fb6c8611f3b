//  SQLite file ── manifest, rows, chunks ──▶ LOADER ── rows of one number, then graphs ──▶ HOLDER

#include "actors/loader.hpp"

#include "actors/spawn.hpp"

namespace lodge {

namespace {
constexpr std::chrono::milliseconds pause_between_shows{100};
}

result<bool> loader_state::step(loader_actor::pointer self) { return takeover ? take_over(self) : read(self); }

result<bool> loader_state::read(loader_actor::pointer self) {
  auto more = reading->step();
  if (!more)
    return more;
  show_progress();
  if (auto rows = reading->take_rows())
    self->send(task.holder, adopt_atom_v,
               loaded_collection_ptr{std::make_shared<const loaded_collection>(
                 loaded_collection{task.load, *std::move(rows), reading->base_damage()})});
  if (auto read = reading->take_graph())
    self->send(task.holder, adopt_atom_v, loaded_graph{task.load, read->segment, std::move(read->graph)});
  return more;
}

void loader_state::show_progress() {
  const auto time = std::chrono::steady_clock::now();
  const auto [read, all] = reading->rows_read();
  if (!task.on_loading || all == 0 || shown_rows == all || (read < all && time - shown_at < pause_between_shows))
    return;
  shown_at = time;
  shown_rows = read;
  task.on_loading({task.collection.info.name, read, all});
}

result<bool> loader_state::take_over(loader_actor::pointer self) {
  auto more = takeover->step();
  if (!more || *more)
    return more;
  if (auto taken = takeover->take())
    self->send(task.holder, adopt_atom_v,
               grown_segments_ptr{std::make_shared<const index::grown_segments>(*std::move(taken))});
  return false;
}

loader_actor::behavior_type loader(loader_actor::stateful_pointer<loader_state> self, loading_task task) {
  self->set_exception_handler(end_quietly);
  auto& state = self->state;
  if (task.known)
    state.takeover.emplace(task.path, task.collection.id, task.known);
  else
    state.reading.emplace(task.path, task.collection.id);
  state.task = std::move(task);
  self->send(self, next_atom_v);
  return {
    [self](next_atom) {
      auto more = self->state.step(self);
      if (!more)
        self->send(self->state.task.holder, adopt_atom_v, load_failure{self->state.task.load, more.error()});
      if (more && *more)
        self->send(self, next_atom_v);
      else
        self->quit();
    },
  };
}

} // namespace lodge
