#pragma once

#include "actors/build_crew.hpp"
#include "actors/compaction_run.hpp"
#include "actors/interfaces.hpp"
#include "actors/owed_answer.hpp"
#include "actors/segment_writing.hpp"
#include "storage/reader.hpp"
#include "storage/sidecar.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge {

/// **Operation**: one collection after the other. A run that publishes: take the compaction role, sweep, ask the holder
/// for its view (or read the file, if it has none that grew from the published base), let the segments grow, tell the
/// holder, write the new segments' chunks, publish, sweep, give the role back. A run in memory: view, growth, holder.
/// A run that fails is tried again after a pause that grows.
/// **Concurrency**: the lowest priority of its own thread; slices of some ten milliseconds by messages to itself, so
/// that a stop is seen between two. **Limits**: a run that reads the file has a second copy of its rows in memory.
struct compactor_state {
  explicit compactor_state(compactor_actor::pointer) {}
  static inline const char* name = "lodge.compactor";
  using self_pointer = compactor_actor::stateful_pointer<compactor_state>;
  using asker = owed_answer<compaction_report>;

  /// What is wanted of a collection, and how it went so far.
  struct subject {
    bool grow_wanted = false;
    bool publish_wanted = false;
    /// By a user: publish however little has changed.
    bool asked = false;
    /// Publish even if nothing changed since the base.
    bool replace = false;
    /// The same, from the living rows alone.
    bool rebuild = false;
    std::vector<asker> askers;

    bool is_wanted() const { return grow_wanted || publish_wanted; }
    holder_actor holder;
    compactor_stats stats;
    std::uint64_t failures = 0;
  };

  /// The run under way.
  struct active_run {
    std::uint64_t number = 0;
    /// 0: it only sweeps.
    collection_id collection = 0;
    /// Else it grows in memory alone.
    bool publishes = false;
    bool asked = false;
    bool replace = false;
    bool rebuild = false;
    /// Those who asked before it began.
    std::vector<asker> askers;
    collection_info info;
    std::unique_ptr<compaction_run> build;
    /// Null if COMPACTOR builds alone.
    std::shared_ptr<build_crew> workers;
    std::optional<segment_writing> writing;
    /// The base that is to be replaced, and the next one; version 0 if it is not to be.
    storage::manifest present;
    storage::manifest manifest;
    /// Living vectors in what was published.
    std::uint64_t vectors = 0;
  };

  void connect(crew_ptr present) { neighbours = std::move(present); }
  caf::result<compaction_report> compact(self_pointer self, collection_id id, bool rebuild);
  void want(self_pointer self, collection_id id, growth_wish why);
  /// Does the next slice of the run with this number, or begins one.
  void advance(self_pointer self, std::uint64_t number);
  caf::result<bool> close(self_pointer self);
  compactor_stats stats_of(collection_id id) const;
  /// One that was monitored has ended: a worker, or a holder.
  void lose(self_pointer self, const caf::actor_addr& whom);
  void stop(const error& why);

  std::string path;
  /// Nothing is published.
  bool read_only = false;
  std::chrono::milliseconds retry_delay{};
  std::uint64_t file_id = 0;
  std::size_t largest_segment = 0;
  lodge::run_mode run_mode = run_mode::threads;
  std::size_t build_workers = 1;
  auto_compaction threshold;
  crew_ptr neighbours;
  std::map<collection_id, subject> orders;
  std::optional<active_run> current;
  std::uint64_t runs = 0;
  bool sweep_wanted = false;
  /// Waits, while the database closes, until nothing more is to be published.
  std::optional<owed_answer<bool>> closer;
  std::unique_ptr<storage::sidecar> locks;
  std::unique_ptr<storage::reader> file;

private:
  void begin(self_pointer self);
  void sweep(self_pointer self, void (compactor_state::*then)(self_pointer));
  void plan(self_pointer self);
  void start_build(self_pointer self, index::view_ptr view);
  void hire_workers(self_pointer self);
  void build(self_pointer self);
  void end_build(self_pointer self);
  void tell_holder(self_pointer self, index::grown_segments grown);
  void write_segments(self_pointer self);
  void write_chunk(self_pointer self);
  void publish(self_pointer self);
  void forget_history(self_pointer self);
  void give_role_back();
  void finish(self_pointer self);
  void fail(self_pointer self, const error& why);
  void forget(const caf::actor_addr& holder);
  void retry_later(self_pointer self, collection_id id, growth_wish why);
  void next(self_pointer self);
  template <class Reply, class Then, class... Ts>
  void ask_writer(self_pointer self, Then then, Ts&&... request);
};

compactor_actor::behavior_type compactor(compactor_actor::stateful_pointer<compactor_state> self, std::string path,
                                         database_options options);

} // namespace lodge
