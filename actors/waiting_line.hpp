#pragma once

#include "actors/lease.hpp"
#include "actors/messages.hpp"
#include "actors/owed_answer.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <variant>

namespace lodge {

/// Those who wait for a view of some number, each until its deadline.
class waiting_line {
public:
  using time_point = caf::actor_clock::time_point;

  /// A search that a SEARCHER is to do.
  struct search {
    search_request request;
    owed_answer<search_reply> asker;
  };
  /// A reader, which searches by itself.
  using reader = owed_answer<leased_view>;

  struct waiter {
    /// In the order of arrival.
    std::uint64_t ticket = 0;
    std::uint64_t number = 0;
    deadline until;
    std::variant<search, reader> who;

    void fail(const error& why);
  };

  void add(std::uint64_t number, deadline until, std::variant<search, reader> who);
  /// Those for whom a view of this number is new enough; they leave the line.
  std::deque<waiter> take_up_to(std::uint64_t number);
  /// Fails those whose time is over.
  void expire(time_point now);
  /// Fails those for whom there is a reason.
  void fail_if(const std::function<std::optional<error>(const waiter&)>& reason);

  std::size_t size() const { return waiters_.size(); }
  bool empty() const { return waiters_.empty(); }
  /// The ticket of the last who came.
  std::uint64_t last_ticket() const { return tickets_; }
  time_point first_deadline() const;
  bool wants_more_than(std::uint64_t number) const;

private:
  std::deque<waiter> waiters_;
  std::uint64_t tickets_ = 0;
};

} // namespace lodge
