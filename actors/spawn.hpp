#pragma once

#include <lodge/options.hpp>

#include <caf/spawn_options.hpp>

#include <utility>

namespace lodge {

/// Spawns an actor that blocks: on a thread of its own, or on the scheduler when a test orders the steps.
template <caf::spawn_options Options = caf::no_spawn_options, class Host, class Function, class... Ts>
auto spawn_blocking(run_mode mode, Host& host, Function function, Ts&&... arguments) {
  return mode == run_mode::threads
    ? host.template spawn<Options + caf::detached>(function, std::forward<Ts>(arguments)...)
    : host.template spawn<Options>(function, std::forward<Ts>(arguments)...);
}

} // namespace lodge
