#pragma once

#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <cstddef>

namespace lodge {

/// An actor that gives its thread to others after each few messages: CAF goes on with one actor for as long as it has
/// any, and one that does long work in slices always has.
template <class Actor, class State>
class short_turns : public Actor::template stateful_base<State> {
public:
  using base = typename Actor::template stateful_base<State>;
  using base::base;

  caf::resumable::resume_result resume(caf::execution_unit* thread, std::size_t most_messages) override {
    return base::resume(thread, std::min(most_messages, messages_a_turn));
  }

private:
  static constexpr std::size_t messages_a_turn = 2;
};

} // namespace lodge
