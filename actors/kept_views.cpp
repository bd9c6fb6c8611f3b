#include "actors/kept_views.hpp"

#include <algorithm>
#include <utility>

namespace lodge {

void kept_views::keep(index::view_ptr view, time_point now) {
  forget_old(now);
  std::erase_if(views_, [&](const kept& each) { return each.view->number == view->number; });
  if (views_.size() == most)
    views_.erase(std::ranges::min_element(views_, {}, &kept::used));
  views_.push_back({std::move(view), now});
}

index::view_ptr kept_views::find(std::uint64_t number, time_point now) {
  forget_old(now);
  const auto found = std::ranges::find(views_, number, [](const kept& each) { return each.view->number; });
  if (found == views_.end())
    return nullptr;
  found->used = now;
  return found->view;
}

bool kept_views::forget_old(time_point now) {
  std::erase_if(views_, [&](const kept& each) { return each.used + kept_for <= now; });
  return !views_.empty();
}

} // namespace lodge
