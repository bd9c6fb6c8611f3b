#pragma once

#include <lodge/error.hpp>
#include <lodge/interfaces.hpp>

#include "actors/interfaces.hpp"
#include "tests/simulation/violation.hpp"
#include "tests/support/deterministic_system.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>

namespace lodge::test {

/// What the schedule tells actors apart by.
enum class role : std::uint8_t {
  database,
  collection,
  writer,
  log_sync,
  holder,
  loader,
  searcher,
  compactor,
  watcher,
  build_worker,
  matcher,
};
inline constexpr std::size_t roles = 11;
using role_weights = std::array<std::uint32_t, roles>;

/// An actor in the order of its system's spawning, and what it is.
struct actor_name {
  caf::actor_id id = 0;
  test::role role = role::database;
};
std::string to_string(const actor_name& who);

/// A process as far as lodge is concerned: an actor system, one open database in it, and a client.
///
/// **Operation**: nothing happens but by `step` and `advance`. `kill` ends all actors between two steps, each without
/// taking another message: what was not committed is lost, as in a crash.
class process {
public:
  struct collection {
    collection_actor actor;
    std::uint64_t id = 0;
    /// What a reader of it keeps between two searches.
    view_watch watch = {};
  };

  /// @param number Of this run of the process: no two of a simulation are the same.
  process(const std::string& path, const database_options& options, unsigned number);
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process();

  unsigned number() const { return number_; }
  const database_options& options() const { return options_; }
  const database_actor& database() const { return database_; }
  bool is_idle() const { return system_.is_idle(); }
  std::chrono::milliseconds now() const { return now_; }

  /// One message of an actor with something to do, chosen with these weights.
  actor_name step(std::mt19937& random, const role_weights& weights);
  /// What the next `step` of these arguments would take; changes nothing.
  std::string preview(std::mt19937 random, const role_weights& weights);
  void advance(std::chrono::milliseconds time);
  void kill();
  /// Kills a part that the engine does without or starts again; at its next step, or behind its mail. None if the dice
  /// hit nobody.
  std::optional<actor_name> kill_part(std::mt19937& random);
  /// Whether `kill_part` has ever hit somebody.
  bool has_lost_parts() const { return has_lost_parts_; }

  /// `then` is called by `deliver`, once.
  template <class Reply, class Handle, class... Ts>
  void ask(std::string what, std::function<void(result<Reply>)> then, const Handle& whom, Ts&&... request) {
    const auto id = client_->request(whom, caf::infinite, std::forward<Ts>(request)...).id();
    waiting_[id.integer_value()] = {std::move(what), [then = std::move(then)](caf::type_erased_tuple& content) {
                                      if (content.match_elements<Reply>())
                                        then(std::move(content.get_mutable_as<Reply>(0)));
                                      else if (content.match_elements<caf::error>())
                                        then(from_caf(content.get_as<caf::error>(0)));
                                      else
                                        throw violation{"an answer is " + content.stringify()};
                                    }};
  }
  /// Hands the answers that have come to those who asked.
  void deliver();
  std::size_t unanswered() const { return waiting_.size(); }
  /// One of the questions without an answer.
  std::string first_unanswered() const { return waiting_.begin()->second.what; }

  /// The id of the collection behind a handle that DATABASE has just given out; 0 if it has dropped it again.
  std::uint64_t id_of(const collection_actor& which) const;

  /// What the client holds.
  std::map<std::string, collection> collections;
  bool is_closing = false;
  /// The file's last change when this process opened it.
  std::uint64_t opened_at = 0;
  /// By collection: the last change that a call which has ended has told of.
  std::map<std::uint64_t, std::uint64_t> known;

private:
  struct question {
    std::string what;
    std::function<void(caf::type_erased_tuple&)> then;
  };
  struct seen_actor {
    caf::actor_addr address;
    actor_name name;
  };

  /// Takes note of actors that were spawned.
  void look_around();
  std::size_t choose(std::mt19937& random, const role_weights& weights) const;
  static void send_kill(const caf::actor_addr& whom, bool at_once);

  unsigned number_;
  database_options options_;
  std::chrono::milliseconds now_{0};
  deterministic_system system_;
  caf::scoped_actor client_{system_.actors()};
  database_actor database_;
  std::map<caf::actor_id, seen_actor> actors_;
  std::map<std::uint64_t, question> waiting_;
  bool has_lost_parts_ = false;
};

} // namespace lodge::test
