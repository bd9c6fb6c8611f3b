#pragma once

#include <lodge/messages.hpp>

#include <caf/result.hpp>
#include <caf/typed_response_promise.hpp>

#include <utility>

namespace lodge {

/// A plain result as a handler's answer.
template <class T>
caf::result<T> answer(result<T> outcome) {
  if (!outcome)
    return to_caf(outcome.error());
  return *std::move(outcome);
}

/// Answers a promise made earlier.
template <class T>
void deliver(caf::typed_response_promise<T>& promise, result<T> outcome) {
  if (outcome)
    promise.deliver(*std::move(outcome));
  else
    promise.deliver(to_caf(outcome.error()));
}

} // namespace lodge
