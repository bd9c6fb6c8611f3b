#pragma once

#include "index/search.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace lodge::index {

/// The k smallest of all that is offered, in whatever order, within the bounds of a search.
class nearest {
public:
  nearest(std::size_t k, const search_bounds& within)
    : k_(k), after_(within.after), farthest_(k == 0 ? -std::numeric_limits<float>::infinity() : within.farthest) {}

  /// Whether a row at this distance is none of the k, whatever its label.
  bool is_too_far(float distance) const { return distance > farthest_; }

  /// @returns Whether it is one of the k so far.
  template <class Rows>
  bool offer(float distance, const Rows& rows, std::size_t row) {
    if (is_too_far(distance) || (after_ && !(*after_ < rank{distance, rows.label(row)})))
      return false;
    const neighbour offered{distance, rows.label(row), rows.key(row)};
    if (best_.size() == k_) {
      if (!(offered < best_.front()))
        return false;
      std::ranges::pop_heap(best_);
      best_.back() = offered;
    } else {
      best_.push_back(offered);
    }
    std::ranges::push_heap(best_);
    if (best_.size() == k_)
      farthest_ = best_.front().distance;
    return true;
  }

  std::vector<neighbour> sorted() && {
    std::ranges::sort_heap(best_);
    return std::move(best_);
  }

private:
  std::size_t k_;
  std::optional<rank> after_;
  /// What is farther is not offered in vain: the bound, or the last of the k.
  float farthest_;
  std::vector<neighbour> best_;
};

} // namespace lodge::index
