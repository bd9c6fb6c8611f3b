#pragma once

#include <lodge/interfaces.hpp>

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

namespace lodge {

/// What the facade's handles share: an actor system of their own, and the one database in it.
///
/// **Concurrency**: each call is made by a blocking actor of its own, so any thread may call. A child made by fork()
/// has none of the threads: there every call is refused, and nothing is ended.
class engine {
public:
  static result<std::shared_ptr<engine>> open(const std::string& path, const database_options& options);
  ~engine();

  /// Asks an actor and waits. A deadline that the asked one did not keep is answered `late`.
  template <class Reply, class Handle, class... Ts>
  result<Reply> ask(const Handle& handle, std::chrono::milliseconds timeout, errc late, Ts&&... request) {
    if (is_forked())
      return forked();
    caf::scoped_actor self{running_->system};
    std::optional<result<Reply>> outcome;
    // Not a request with a timeout: it would wake the thread of CAF's clock twice a call.
    auto pending = self->request(handle, caf::infinite, std::forward<Ts>(request)...);
    receive_one(self, pending.id(), std::min(timeout, no_timeout) + grace, outcome, [&] {
      outcome.emplace(error{late, "no answer within " + std::to_string(timeout.count()) + " ms"});
    });
    return *std::move(outcome);
  }

  /// The same without an end to the waiting, and a call of `meanwhile` after each pause without an answer.
  template <class Reply, class Handle, class Meanwhile, class... Ts>
  result<Reply> ask_patiently(const Handle& handle, Meanwhile meanwhile, Ts&&... request) {
    if (is_forked())
      return forked();
    caf::scoped_actor self{running_->system};
    std::optional<result<Reply>> outcome;
    auto pending = self->request(handle, caf::infinite, std::forward<Ts>(request)...);
    while (!outcome)
      receive_one(self, pending.id(), pause, outcome, meanwhile);
    return *std::move(outcome);
  }

  /// Asks DATABASE, which ends only when it is closed.
  template <class Reply, class... Ts>
  result<Reply> ask_database(std::chrono::milliseconds timeout, errc late, Ts&&... request) {
    auto reply = ask<Reply>(running_->database, timeout, late, std::forward<Ts>(request)...);
    if (!reply && reply.error().code == errc::unavailable)
      return error{errc::closed, "the database was closed"};
    return reply;
  }

  result<void> close();

  /// errc::forked in a child of the process that opened it.
  result<void> check_process() const {
    if (is_forked())
      return forked();
    return {};
  }

private:
  /// For the asked one to say by itself that its time is over.
  static constexpr std::chrono::milliseconds grace{500};
  static constexpr std::chrono::milliseconds pause{100};

  struct config : caf::actor_system_config {
    explicit config(const database_options& options);
  };

  /// What is left alone in a child.
  struct parts {
    explicit parts(const database_options& options) : config(options) {}
    lodge::engine::config config;
    caf::actor_system system{config};
    database_actor database;
  };

  template <class Reply, class Otherwise>
  static void receive_one(caf::scoped_actor& self, caf::message_id request, std::chrono::milliseconds longest,
                          std::optional<result<Reply>>& outcome, Otherwise otherwise) {
    caf::blocking_actor::accept_one_cond once;
    self->varargs_receive(
      once, request, [&](Reply& reply) { outcome.emplace(std::move(reply)); },
      [&](caf::error& failure) { outcome.emplace(from_caf(failure)); }, caf::after(longest) >> otherwise);
  }

  explicit engine(const database_options& options) : running_(std::make_unique<parts>(options)) {}
  bool is_forked() const { return getpid() != process_; }
  error forked() const;

  pid_t process_ = getpid();
  std::unique_ptr<parts> running_;
};

} // namespace lodge
