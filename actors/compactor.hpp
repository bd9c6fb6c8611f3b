#pragma once

#include "actors/compaction_run.hpp"
#include "actors/interfaces.hpp"
#include "actors/owed_answer.hpp"
#include "storage/reader.hpp"
#include "storage/sidecar.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge {

/// **Operation**: one collection after the other. A run: take the compaction role, sweep, build aside, write the
/// chunks, publish, tell the holder, sweep, give the role back. A run that fails is tried again after a pause that
/// grows. **Concurrency**: the lowest priority of its own thread; slices of some ten milliseconds by messages to
/// itself, so that a stop is seen between two. **Limits**: the rows of the collection are in memory twice while it
/// runs.
struct compactor_state {
  explicit compactor_state(compactor_actor::pointer) {}
  static inline const char* name = "lodge.compactor";
  using self_pointer = compactor_actor::stateful_pointer<compactor_state>;
  using asker = owed_answer<compaction_report>;

  /// What is wanted of a collection, and how it went so far.
  struct subject {
    bool wanted = false;
    /// Even if nothing changed since the base.
    bool rebuild = false;
    std::vector<asker> askers;
    holder_actor holder;
    compactor_stats stats;
    std::uint64_t failures = 0;
  };

  /// The run under way.
  struct active_run {
    std::uint64_t number = 0;
    collection_id collection = 0;
    bool rebuild = false;
    /// Those who asked before it began.
    std::vector<asker> askers;
    std::unique_ptr<compaction_run> build;
    storage::manifest manifest;
    std::size_t chunks_written = 0;
  };

  void connect(crew_ptr present) { neighbours = std::move(present); }
  void want(self_pointer self, collection_id id, bool rebuild);
  /// Does the next slice of the run with this number, or begins one.
  void advance(self_pointer self, std::uint64_t number);
  compactor_stats stats_of(collection_id id) const;
  void forget(const caf::actor_addr& holder);
  void stop(const error& why);

  std::string path;
  /// Nothing is compacted.
  bool read_only = false;
  std::chrono::milliseconds retry_delay{};
  std::uint64_t file_id = 0;
  crew_ptr neighbours;
  std::map<collection_id, subject> orders;
  std::optional<active_run> current;
  std::uint64_t runs = 0;
  bool sweep_wanted = false;
  std::unique_ptr<storage::sidecar> locks;
  std::unique_ptr<storage::reader> file;

private:
  void begin(self_pointer self);
  void sweep(self_pointer self, void (compactor_state::*then)(self_pointer));
  void build(self_pointer self);
  void write_segment(self_pointer self);
  void write_chunk(self_pointer self);
  void publish(self_pointer self);
  void forget_history(self_pointer self);
  void finish(self_pointer self);
  void fail(self_pointer self, const error& why);
  void retry_later(self_pointer self, collection_id id);
  void next(self_pointer self);
  template <class Reply, class Then, class... Ts>
  void ask_writer(self_pointer self, Then then, Ts&&... request);
};

compactor_actor::behavior_type compactor(compactor_actor::stateful_pointer<compactor_state> self, std::string path,
                                         database_options options);

} // namespace lodge
