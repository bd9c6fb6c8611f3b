#pragma once

#include <lodge/options.hpp>

#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/spawn_options.hpp>

#include <exception>
#include <system_error>
#include <thread>
#include <utility>

namespace lodge {

/// Spawns an actor that blocks: on a thread of its own, or on the scheduler when a test orders the steps.
template <caf::spawn_options Options = caf::no_spawn_options, class Host, class Function, class... Ts>
auto spawn_blocking(run_mode mode, Host& host, Function function, Ts&&... arguments) {
  return mode == run_mode::threads
    ? host.template spawn<Options + caf::detached>(function, std::forward<Ts>(arguments)...)
    : host.template spawn<Options>(function, std::forward<Ts>(arguments)...);
}

/// Whether a thread can be had just now. CAF 0.17 would not notice that it cannot, and its system then waits for ever
/// for an actor that has no thread.
inline bool has_thread_to_give(run_mode mode) {
  if (mode != run_mode::threads)
    return true;
  try {
    std::thread{[] {}}.join();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

/// What an actor does with an exception: it ends, and says so to those who wait for it. CAF's own handler prints, for
/// which there may be no memory, and that would end the process.
inline caf::error end_quietly(std::exception_ptr&) { return caf::exit_reason::unhandled_exception; }

} // namespace lodge
