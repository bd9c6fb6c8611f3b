#pragma once

#include "index/search.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace lodge::index {

/// The k smallest of all that is offered, in whatever order, within the bounds of a search; where distances have a
/// doubt, all that may be among them.
class nearest {
public:
  /// @param most Of those that may be among them, so many are kept, those of the least distance.
  nearest(std::size_t k, const search_bounds& within, std::size_t most);
  nearest(std::size_t k, const search_bounds& within) : nearest(k, within, k) {}

  /// Whether a row that is at least so far is none of the k, whatever its label.
  bool is_too_far(float lowest) const { return lowest > farthest_; }

  /// @returns Whether it may be one of the k so far.
  template <class Rows>
  bool offer(float distance, float doubt, const Rows& rows, std::size_t row) {
    if (is_too_far(distance - doubt))
      return false;
    const neighbour offered{distance, rows.label(row), rows.key(row), doubt};
    return offer(offered);
  }
  bool offer(const neighbour& offered);

  /// Lowest possible distance first, then by label.
  std::vector<neighbour> sorted() &&;

private:
  bool is_before_mark(const neighbour& offered) const;
  void leave_out_the_farthest();

  std::size_t k_;
  std::size_t most_;
  std::optional<rank> after_;
  /// What is farther is not offered in vain: the bound, or the last of the k.
  float farthest_;
  std::vector<neighbour> candidates_;
  /// The k smallest of their largest possible distances; a heap, the largest in front.
  std::vector<float> reached_;
  /// How many candidates there are to be before some are left out.
  std::size_t enough_;
};

} // namespace lodge::index
