#pragma once

#include "index/view.hpp"

#include <cstdint>
#include <vector>

namespace lodge::index {

/// Segments that are to take the place of a view's.
struct grown_segments {
  /// They hold every row up to this number that lives.
  std::uint64_t covers = 0;
  /// The version of the stored base that they are, or grew from; 0 for none.
  std::uint64_t base = 0;
  std::vector<view::part> segments;
  /// Of their rows, those known to be dead.
  label_set dead;
};

/// The view that has these segments instead of its own, also if they cover less: then what they lack is delta.
view_ptr rebased(const view& from, const grown_segments& onto);

} // namespace lodge::index
