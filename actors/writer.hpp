#pragma once

#include "actors/interfaces.hpp"
#include "storage/writer.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge {

/// **Operation**: requests gather while a commit is under way and share the next one (group commit). One which fails
/// leaves the others alone: if it had changed something, all are done again, each in a savepoint of its own.
/// Compaction's requests wait behind the clients', one a transaction. While other processes write, it waits for its
/// turn in slices, between which a stop is seen and whoever has waited to its deadline is answered `busy`.
/// **Limits**: `max_waiting_writes` and `max_waiting_bytes` of the options; what is beyond is answered `overloaded`.
struct writer_state {
  explicit writer_state(writer_actor::pointer) {}
  static inline const char* name = "lodge.writer";

  /// A request on its way through a transaction.
  struct job {
    std::uint64_t bytes = 0;
    caf::actor_clock::time_point begin_until;
    /// The collection whose holder is told, and its last change by this job; 0 for none.
    collection_id collection = 0;
    std::uint64_t number = 0;
    /// Does it, within its savepoint. Keeps the outcome.
    std::function<void(storage::writer&)> apply;
    /// Answers with the outcome, or with the error that the whole transaction met.
    std::function<void(const error&)> answer;
  };

  /// A holder that is told of commits. Its lease ends when another commit of its collection is about to be answered.
  struct listener {
    holder_actor holder;
    lease_ptr lease = {};
  };

  /// Commits the clients' jobs together, then one of the others; what has to wait for its turn stays.
  void flush(writer_actor::stateful_pointer<writer_state> self);
  /// Runs one transaction of these jobs and answers them. Without a turn to write within a slice nothing is done.
  /// @returns Whether the jobs were taken.
  bool commit(writer_actor::stateful_pointer<writer_state> self, std::vector<job>& jobs);
  bool commit_background(writer_actor::stateful_pointer<writer_state> self);
  /// Answers those whose time is over; nothing of theirs was begun.
  void drop_late(caf::actor_clock::time_point now);
  /// From now on nobody waits longer for a turn than this.
  void hurry(caf::actor_clock::time_point until);
  /// Holders and LOG SYNC hear of it before any requester does.
  void tell_committed(writer_actor::stateful_pointer<writer_state> self, const std::vector<job>& jobs);
  void attach(writer_actor::stateful_pointer<writer_state> self, collection_id id, holder_actor holder);
  void tell(writer_actor::stateful_pointer<writer_state> self, listener& who, std::uint64_t committed);
  void run(job& each);
  /// Sets `number` to the file's, which may be of a change that another process or the WRITER before this one made.
  void look_up_number(storage::writer::clock::time_point until);

  database_options options;
  /// None once it is closed, or if the database was opened for reading only; then `refusal` says which.
  std::unique_ptr<storage::writer> file;
  error refusal;
  log_sync_actor log_sync;
  std::map<collection_id, listener> listeners;
  /// In the order of their arrival, and the bytes that they carry.
  std::vector<job> clients;
  std::uint64_t waiting_bytes = 0;
  std::deque<job> background;
  /// How the next transaction is to be done: one that was spoiled is done again with care.
  storage::undoing undoing = storage::undoing::nothing;
  /// Since when a turn to write has been waited for in vain.
  std::optional<caf::actor_clock::time_point> busy_since;
  /// The last number that was committed here.
  std::uint64_t number = 0;
};

/// @param holders Those that are told of commits from the start; later ones attach.
writer_actor::behavior_type writer(writer_actor::stateful_pointer<writer_state> self, std::string path,
                                   database_options options, std::map<collection_id, holder_actor> holders,
                                   log_sync_actor log_sync);

} // namespace lodge
