#pragma once

#include "actors/caf_errors.hpp"

#include <caf/typed_response_promise.hpp>

#include <utility>

namespace lodge {

/// An answer that an actor owes to whoever asked. If it goes away undelivered, since its actor died or a bug lost it,
/// the asker hears that instead of waiting for ever: CAF 0.17 tells nobody of a promise that is dropped.
template <class T>
class owed_answer {
public:
  /// @param if_lost What is answered if nothing else is.
  owed_answer(caf::typed_response_promise<T> promise, errc if_lost) : promise_(std::move(promise)), if_lost_(if_lost) {}
  owed_answer(owed_answer&& other) noexcept : promise_(std::exchange(other.promise_, {})), if_lost_(other.if_lost_) {}
  owed_answer& operator=(owed_answer&& other) noexcept {
    std::swap(promise_, other.promise_);
    std::swap(if_lost_, other.if_lost_);
    return *this;
  }
  ~owed_answer() {
    if (promise_.pending())
      promise_.deliver(to_caf({if_lost_, "the part that was asked has ended"}));
  }

  void deliver(result<T> outcome) {
    if (outcome)
      promise_.deliver(*std::move(outcome));
    else
      promise_.deliver(to_caf(outcome.error()));
  }

  /// Another actor answers instead.
  template <class Handle, class... Ts>
  void delegate(const Handle& to, Ts&&... request) {
    promise_.delegate(to, std::forward<Ts>(request)...);
  }

private:
  caf::typed_response_promise<T> promise_;
  errc if_lost_;
};

} // namespace lodge
