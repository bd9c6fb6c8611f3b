#include "index/nearest.hpp"

#include <algorithm>
#include <utility>

namespace lodge::index {

namespace {

constexpr std::size_t smallest_enough = 32;

float lowest(const neighbour& of) { return of.distance - of.doubt; }

} // namespace

nearest::nearest(std::size_t k, const search_bounds& within, std::size_t most)
  : k_(k),
    most_(most),
    after_(within.after),
    farthest_(k == 0 ? -std::numeric_limits<float>::infinity() : within.farthest),
    enough_(std::max(2 * k, smallest_enough)) {}

bool nearest::is_before_mark(const neighbour& offered) const {
  return offered.doubt > 0 ? offered.distance + offered.doubt < after_->distance
                           : !(*after_ < rank{offered.distance, offered.label});
}

bool nearest::offer(const neighbour& offered) {
  if (k_ == 0 || is_too_far(lowest(offered)) || (after_ && is_before_mark(offered)))
    return false;
  candidates_.push_back(offered);
  // What may still turn out to be before the mark does not push others out.
  if (!after_ || offered.doubt == 0 || lowest(offered) > after_->distance) {
    if (reached_.size() == k_) {
      std::ranges::pop_heap(reached_);
      reached_.back() = std::min(reached_.back(), offered.distance + offered.doubt);
    } else {
      reached_.push_back(offered.distance + offered.doubt);
    }
    std::ranges::push_heap(reached_);
    if (reached_.size() == k_)
      farthest_ = std::min(farthest_, reached_.front());
  }
  if (candidates_.size() >= enough_)
    leave_out_the_farthest();
  return true;
}

void nearest::leave_out_the_farthest() {
  std::erase_if(candidates_, [&](const neighbour& each) { return is_too_far(lowest(each)); });
  if (candidates_.size() > most_) {
    std::ranges::nth_element(candidates_, candidates_.begin() + static_cast<std::ptrdiff_t>(most_));
    candidates_.resize(most_);
  }
  enough_ = std::max(2 * candidates_.size(), smallest_enough);
}

std::vector<neighbour> nearest::sorted() && {
  leave_out_the_farthest();
  std::ranges::sort(candidates_, {}, [](const neighbour& each) { return rank{lowest(each), each.label}; });
  return std::move(candidates_);
}

} // namespace lodge::index
