#pragma once

#include "tests/simulation/process.hpp"

#include <cstdint>
#include <random>

namespace lodge::test {

/// What a seed does at all: few things together find more than everything at once.
struct plan {
  unsigned processes = 2;
  std::uint32_t keys = 20;
  /// Clients' calls and disturbances, and the actors' steps between two of them at most.
  unsigned events = 100;
  unsigned steps_between = 10;
  /// Events of a thousand.
  std::uint32_t part_kills = 0;
  std::uint32_t process_kills = 0;
  std::uint32_t closings = 0;
  std::uint32_t drops = 0;
  std::uint32_t compactions = 0;
  std::uint32_t clock_ticks = 0;
  std::uint32_t checkpoints = 0;
  /// How willingly actors take their messages: a starved one lags behind the others.
  role_weights weights{};
  database_options options;
};

plan make_plan(std::mt19937& random);

} // namespace lodge::test
