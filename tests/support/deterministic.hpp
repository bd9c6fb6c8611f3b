#pragma once

#include <lodge/interfaces.hpp>

#include "actors/collection.hpp"
#include "actors/database.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lodge::test {

/// A request whose answer may not be there yet.
template <class Reply>
struct pending {
  caf::message_id id;
};

/// An actor system whose every step and clock tick is ours, and databases in it.
///
/// **Operation**: `ask` sends, `run` or `run_shuffled` lets the actors work until nobody has anything to do, `take`
/// gives the answer if there is one. The file system and SQLite are real.
class deterministic {
public:
  explicit deterministic(database_options with = scheduled_options()) : options(with) { open(); }
  /// Opens a file that the function brings into the directory, if it opens at all.
  deterministic(database_options with, const std::function<void(const std::filesystem::path&)>& fill) : options(with) {
    fill(directory_.path());
    opened().ignore();
  }
  deterministic(const deterministic&) = delete;
  deterministic& operator=(const deterministic&) = delete;
  ~deterministic() { end(); }

  /// Opens the file, again after a `close`.
  void open() { must_do(opened()); }
  /// The same where opening may fail; then there is no database.
  lodge::result<void> opened() {
    auto outcome = open_database(system_.actors(), path(), options);
    database = outcome ? *outcome : database_actor{};
    run();
    return outcome ? lodge::result<void>{} : outcome.error();
  }
  std::string path() const { return directory_.file(); }

  template <class Reply, class Handle, class... Ts>
  pending<Reply> ask(const Handle& whom, Ts&&... request) {
    return {self_->request(whom, caf::infinite, std::forward<Ts>(request)...).id()};
  }

  /// The answer, if it has come. It can be taken once.
  template <class Reply>
  std::optional<lodge::result<Reply>> take(pending<Reply> what) {
    std::optional<lodge::result<Reply>> outcome;
    caf::blocking_actor::accept_one_cond once;
    self_->varargs_receive(
      once, what.id, [&](Reply& reply) { outcome.emplace(std::move(reply)); },
      [&](caf::error& failure) { outcome.emplace(from_caf(failure)); }, caf::after(0ms) >> [] {});
    return outcome;
  }

  /// The answer, which must have come.
  template <class Reply>
  lodge::result<Reply> answer(pending<Reply> what) {
    auto outcome = take(what);
    BOOST_REQUIRE_MESSAGE(outcome, "no answer came");
    return *std::move(outcome);
  }

  /// Asks, runs, and gives the answer.
  template <class Reply, class Handle, class... Ts>
  lodge::result<Reply> call(const Handle& whom, Ts&&... request) {
    const auto asked = ask<Reply>(whom, std::forward<Ts>(request)...);
    run();
    return answer(asked);
  }

  void run() { system_.run(); }
  bool is_idle() const { return system_.is_idle(); }
  void run_one(std::mt19937& random) { system_.run_one(random); }
  void run_shuffled(std::mt19937& random) { system_.run_shuffled(random); }
  void run_shuffled(std::mt19937& random, std::size_t steps) { system_.run_shuffled(random, steps); }
  void advance(std::chrono::milliseconds time) { system_.advance(time); }

  /// An actor of this name that has something to do, if there is one.
  caf::actor busy(std::string_view name) {
    for (auto* job : system_.jobs())
      if (auto& each = dynamic_cast<caf::scheduled_actor&>(*job); each.name() == name)
        return caf::actor_cast<caf::actor>(each.address());
    return {};
  }
  /// Actors that have not ended, this object's own among them.
  std::size_t living() { return system_.actors().registry().running(); }

  /// Lets the delay of a first restart pass, and everybody work.
  void restart_parts() {
    run();
    advance(options.restart_delay);
    run();
  }

  collection_actor collection(const std::string& name = "words", collection_options what = {4, metric::l2, {}, {}}) {
    return must(call<collection_actor>(database, open_atom_v, open_request{name, what}));
  }
  crew_ptr crew() { return must(call<crew_ptr>(inside(), connect_atom_v)); }
  holder_actor holder(const std::string& name = "words") { return state().collections.at(name).holder; }

  template <class Handle>
  void kill(const Handle& whom) {
    caf::anon_send_exit(whom, caf::exit_reason::kill);
  }
  lodge::result<position> close() { return call<position>(database, close_atom_v); }

private:
  database_inside_actor inside() const { return caf::actor_cast<database_inside_actor>(database); }
  /// Only while DATABASE lives.
  database_state& state() const {
    return dynamic_cast<std::remove_pointer_t<database_state::self_pointer>&>(
             *caf::actor_cast<caf::abstract_actor*>(database))
      .state;
  }

  /// The system waits for its actors, and nobody but us lets them work.
  void end() {
    run();
    if (!database)
      return;
    const auto probe = ask<crew_ptr>(inside(), connect_atom_v);
    run();
    if (const auto lives = take(probe); lives && *lives) {
      const auto closed = ask<position>(database, close_atom_v);
      run();
      if (!take(closed))
        kill_all();
    }
    database = nullptr;
    run();
  }

  void kill_all() {
    auto& s = state();
    kill(s.members->writer);
    kill(s.members->log_sync);
    kill(s.members->compactor);
    kill(s.members->matcher);
    for (const auto& each : s.members->searchers)
      kill(each);
    for (const auto& [name, each] : s.collections) {
      kill(each.holder);
      kill(each.actor);
    }
    kill(database);
    run();
  }

  scratch_directory directory_;
  deterministic_system system_;
  caf::scoped_actor self_{system_.actors()};

public:
  database_options options;
  database_actor database;
};

} // namespace lodge::test
