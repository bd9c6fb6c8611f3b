#pragma once

#include "index/view.hpp"

#include <caf/actor_clock.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace lodge {

/// Views that further pages of hits may be asked of, each for some time after its last page.
class kept_views {
public:
  using time_point = caf::actor_clock::time_point;

  static constexpr std::chrono::seconds kept_for{60};
  static constexpr std::size_t most = 16;

  /// Keeps the view from now on; in place of the one that was used longest ago, if need be.
  void keep(index::view_ptr view, time_point now);
  /// The view of exactly this number, if it is kept; null else.
  index::view_ptr find(std::uint64_t number, time_point now);
  /// Lets go of those whose time is over. @returns Whether there are others.
  bool forget_old(time_point now);
  void clear() { views_.clear(); }

private:
  struct kept {
    index::view_ptr view;
    time_point used;
  };
  std::vector<kept> views_;
};

} // namespace lodge
