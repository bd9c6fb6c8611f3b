#pragma once

#include "actors/interfaces.hpp"
#include "actors/owed_answer.hpp"
#include "storage/fork_mark.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lodge {

/// DATABASE with its side doors.
using database_inside_actor = database_actor::extend<
  // To itself: starts a part again.
  caf::reacts_to<restart_atom, std::uint64_t>,
  // From tests and tools: the present parts.
  caf::replies_to<connect_atom>::with<crew_ptr>>;

/// **Operation**: spawns and connects every part, starts a failed one again after a pause that grows, and stops all
/// in the order of the flow, so that an accepted write reaches the disk. The one place where actors are spawned.
struct database_state {
  explicit database_state(database_inside_actor::pointer) {}
  static inline const char* name = "lodge.database";
  using self_pointer = database_inside_actor::stateful_pointer<database_state>;
  /// Shared by the continuations of one request; an end of DATABASE among them is an answer, too.
  using open_promise = std::shared_ptr<owed_answer<collection_actor>>;

  /// A collection that was opened.
  struct opened {
    storage::collection_row row;
    collection_inside_actor actor;
    holder_actor holder;
    /// Whether WRITER tells the holder of commits; until then nobody gets the handle.
    bool attached = false;
    std::vector<open_promise> waiting;
  };

  /// A part that is watched: what it is, and how its last starts went. Parts are numbered: 0 to 4 are WRITER, LOG
  /// SYNC, COMPACTOR, WATCHER and MATCHER, then come the searchers, then the holders, by their collections' ids.
  struct part {
    caf::actor_addr address;
    caf::actor_clock::time_point started;
    unsigned failures = 0;
    /// False between its end and its next start.
    bool runs = true;
  };

  void start_all(self_pointer self);
  void start(self_pointer self, std::uint64_t number);
  caf::result<collection_actor> open(self_pointer self, open_request& request);
  caf::result<position> drop(self_pointer self, std::string& name);
  caf::result<position> backup(self_pointer self, std::string& target);
  caf::result<position> close(self_pointer self);
  void publish_last(self_pointer self);
  void close_writer(self_pointer self, bool may_start);
  void part_ended(self_pointer self, const caf::down_msg& message);

  std::string path;
  database_options options;
  std::uint64_t file_id = 0;
  std::shared_ptr<const storage::fork_mark> mark;
  std::shared_ptr<crew> members = std::make_shared<crew>();
  /// None if `poll_interval` is 0.
  watcher_actor watcher;
  std::map<std::string, opened> collections;
  std::map<std::uint64_t, part> parts;
  std::optional<caf::typed_response_promise<position>> closing;
  /// Whoever asked for it again meanwhile.
  std::vector<caf::typed_response_promise<position>> also_closing;
  /// Nothing is waited for longer than this.
  deadline close_until{};
  /// COLLECTIONs that were told of it and have not answered yet.
  std::size_t open_doors = 0;
  position last;

private:
  void watch(self_pointer self, std::uint64_t number, caf::actor_addr address);
  void tell_members(self_pointer self);
  void connect(self_pointer self, opened& which);
  void start_holder(self_pointer self, opened& which);
  void found(self_pointer self, const open_request& request, const storage::collection_row& row, open_promise promise);
  void forget_dropped(self_pointer self, const std::string& name, std::uint64_t id, std::function<void()> then);
  void stop_parts(self_pointer self);
  void end_if_all_ended(self_pointer self);
};

/// How many SEARCHERs a database has.
std::size_t searchers_of(const database_options& options);

database_inside_actor::behavior_type database(database_inside_actor::stateful_pointer<database_state> self,
                                              std::string path, database_options options, std::uint64_t file_id,
                                              std::shared_ptr<const storage::fork_mark> mark);

} // namespace lodge
