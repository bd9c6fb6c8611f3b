#pragma once

#include "tests/faults/fault_kinds.hpp"
#include "tests/support/file_shim.hpp"
#include "tests/support/power_loss.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace lodge::test {

/// What a script did to its files, and what the file may hold at each moment: mark `n` says that from there on it is
/// state `n`.
template <class State>
class recording {
public:
  /// @param none The state of a file that is not there yet.
  explicit recording(State none) : states{std::move(none)} {
    file_shim::installed().heal();
    file_shim::installed().start_recording();
  }

  void note(const State& now) {
    file_shim::installed().mark(states.size());
    states.push_back(now);
  }
  void end() { events = file_shim::installed().stop_recording(); }

  /// The state at an event.
  std::size_t state_before(std::size_t cut) const {
    for (std::size_t i = cut; i > 0; --i)
      if (events[i - 1].what == file_event::kind::mark)
        return events[i - 1].place;
    return 0;
  }

  std::vector<file_event> events = {};
  std::vector<State> states;
};

/// When the power is lost, and what becomes of what was not synced.
struct power_cut {
  std::size_t at = 0;
  survival how = survival::some;
  std::uint32_t seed = 0;
};

/// Before and behind every `stride`-th sync, `rounds` times, and as often somewhere else; then at even distances with
/// nothing and with everything of what was not synced.
///
/// LODGE_POWER_SEED and LODGE_POWER_ROUNDS choose others, with a stride of 1; LODGE_POWER_CUT and LODGE_POWER_CUT_SEED
/// give one cut again.
inline std::vector<power_cut> power_cuts(const std::vector<file_event>& events, std::size_t stride) {
  if (const auto only = number_from("LODGE_POWER_CUT", 0); only > 0)
    return {{only, survival::some, static_cast<std::uint32_t>(number_from("LODGE_POWER_CUT_SEED", 0))}};
  std::mt19937 random{static_cast<std::uint32_t>(number_from("LODGE_POWER_SEED", 1))};
  const auto rounds = number_from("LODGE_POWER_ROUNDS", 0);
  std::vector<power_cut> cuts;
  std::size_t syncs = 0;
  for (std::size_t i = 0; i < events.size(); ++i)
    if (events[i].what == file_event::kind::sync && (rounds > 0 || ++syncs % stride == 0))
      for (std::uint64_t round = 0; round < std::max<std::uint64_t>(rounds, 1); ++round)
        for (const auto at : {i, i + 1, random() % events.size()})
          cuts.push_back({at, survival::some, static_cast<std::uint32_t>(random())});
  for (std::size_t i = 0; i < events.size(); i += 1 + random() % (20 * stride))
    cuts.push_back({i, random() % 2 == 0 ? survival::none : survival::all, 0});
  return cuts;
}

} // namespace lodge::test
