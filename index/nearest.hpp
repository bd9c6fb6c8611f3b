#pragma once

#include "index/search.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace lodge::index {

/// The k smallest of all that is offered, in whatever order.
class nearest {
public:
  explicit nearest(std::size_t k) : k_(k) {}

  /// Whether a row at this distance is none of the k, whatever its label.
  bool is_too_far(float distance) const { return best_.size() == k_ && (k_ == 0 || distance > best_.front().distance); }

  /// @returns Whether it is one of the k so far.
  template <class Rows>
  bool offer(float distance, const Rows& rows, std::size_t row) {
    if (is_too_far(distance))
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
    return true;
  }

  std::vector<neighbour> sorted() && {
    std::ranges::sort_heap(best_);
    return std::move(best_);
  }

private:
  std::size_t k_;
  std::vector<neighbour> best_;
};

} // namespace lodge::index
