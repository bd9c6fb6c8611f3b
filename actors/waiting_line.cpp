#include "actors/waiting_line.hpp"

#include <algorithm>
#include <string>

namespace lodge {

void waiting_line::waiter::fail(const error& why) {
  if (auto* const searching = std::get_if<search>(&who))
    searching->asker.deliver(why);
  else
    std::get<reader>(who).deliver(why);
}

void waiting_line::add(std::uint64_t number, deadline until, std::variant<search, reader> who) {
  waiters_.push_back({++tickets_, number, until, std::move(who)});
}

std::deque<waiting_line::waiter> waiting_line::take_up_to(std::uint64_t number) {
  std::deque<waiter> taken;
  std::erase_if(waiters_, [&](waiter& each) {
    if (each.number > number)
      return false;
    taken.push_back(std::move(each));
    return true;
  });
  return taken;
}

void waiting_line::expire(time_point now) {
  fail_if([now](const waiter& each) -> std::optional<error> {
    if (each.until.at > now)
      return std::nullopt;
    return error{errc::deadline_exceeded, "no view of change " + std::to_string(each.number) + " within the time"};
  });
}

void waiting_line::fail_if(const std::function<std::optional<error>(const waiter&)>& reason) {
  std::erase_if(waiters_, [&](waiter& each) {
    const auto why = reason(each);
    if (why)
      each.fail(*why);
    return why.has_value();
  });
}

waiting_line::time_point waiting_line::first_deadline() const {
  auto first = time_point::max();
  for (const auto& each : waiters_)
    first = std::min(first, each.until.at);
  return first;
}

bool waiting_line::wants_more_than(std::uint64_t number) const {
  return std::ranges::any_of(waiters_, [&](const waiter& each) { return each.number > number; });
}

} // namespace lodge
