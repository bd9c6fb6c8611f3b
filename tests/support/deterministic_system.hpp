#pragma once

#include <lodge/messages.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <deque>
#include <random>
#include <utility>

namespace lodge::test {

using namespace std::chrono_literals;

/// Options under which every actor runs on the scheduler, and nothing happens by itself.
inline database_options scheduled_options() {
  database_options options;
  options.run_mode = run_mode::scheduled;
  options.poll_interval = 0ms;
  options.auto_compaction.changes = 0;
  options.searchers = 2;
  options.build_workers = 1;
  return options;
}

/// An actor system whose every step and clock tick is ours. Whoever owns it ends the actors in it before it goes away.
class deterministic_system {
public:
  deterministic_system() = default;
  deterministic_system(const deterministic_system&) = delete;
  deterministic_system& operator=(const deterministic_system&) = delete;

  caf::actor_system& actors() { return system_; }
  /// Actors that have something to do.
  std::deque<caf::resumable*>& jobs() { return scheduler_.jobs; }
  const std::deque<caf::resumable*>& jobs() const { return scheduler_.jobs; }

  void run() { scheduler_.run(); }
  bool is_idle() const { return scheduler_.jobs.empty(); }

  /// One message of the actor at this place of `jobs`.
  void run_at(std::size_t place) {
    std::swap(jobs().front(), jobs()[place]);
    scheduler_.run_once();
  }
  /// One message of an actor that the seed chooses.
  void run_one(std::mt19937& random) { run_at(random() % jobs().size()); }
  /// Runs until nobody has anything to do; an actor's own messages keep their order.
  void run_shuffled(std::mt19937& random) {
    while (!is_idle())
      run_one(random);
  }
  void run_shuffled(std::mt19937& random, std::size_t steps) {
    for (; steps > 0 && !is_idle(); --steps)
      run_one(random);
  }

  /// Lets time pass without letting anybody work.
  void advance(std::chrono::milliseconds time) { scheduler_.advance_time(time); }

private:
  struct config : caf::actor_system_config {
    config() {
      register_types(*this);
      set("scheduler.policy", caf::atom("testing"));
      set("logger.verbosity", caf::atom("quiet"));
    }
  };

  config config_;
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator& scheduler_ = dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
};

} // namespace lodge::test
