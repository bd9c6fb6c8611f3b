//  other processes ── bell ──▶ WATCHER ── nudge ──▶ LOG SYNC

#include "actors/watcher.hpp"

#include <thread>

namespace lodge {

namespace {

/// Between two rings that are passed on. Where processes write without pause, each would wake all for each commit.
constexpr std::chrono::milliseconds between_rings{2};

} // namespace

watcher_actor::behavior_type watcher(watcher_actor::stateful_pointer<watcher_state> self, std::string path,
                                     std::chrono::milliseconds pause, bool may_block) {
  if (may_block)
    if (auto listening = storage::bell::listen(path))
      self->state.bell = *std::move(listening);
  self->send(self, next_atom_v);
  return {
    [self, pause](next_atom) {
      auto& s = self->state;
      const auto rang = s.bell && s.bell->wait(pause);
      if (s.log_sync)
        self->send(s.log_sync, nudge_atom_v);
      if (rang)
        // Its thread waits for the bell anyway, so that it may as well sleep.
        std::this_thread::sleep_for(between_rings);
      if (s.bell)
        self->send(self, next_atom_v);
      else
        self->delayed_send(self, pause, next_atom_v);
    },
    [self](connect_atom, log_sync_actor& present) { self->state.log_sync = std::move(present); },
  };
}

} // namespace lodge
