#pragma once

#include <lodge/messages.hpp>

#include <caf/result.hpp>

#include <utility>

namespace lodge {

/// A plain result as a handler's answer.
template <class T>
caf::result<T> answer(result<T> outcome) {
  if (!outcome)
    return to_caf(outcome.error());
  return *std::move(outcome);
}

} // namespace lodge
