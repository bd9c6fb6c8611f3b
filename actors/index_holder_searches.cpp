//  COLLECTION ── search ──▶ INDEX HOLDER ── view, search ──▶ SEARCHER
//  reader ────── lease ───▶      │ ── view, leases ──▶ reader

#include "actors/caf_errors.hpp"
#include "actors/index_holder.hpp"

#include <algorithm>

namespace lodge {

/// The number that a view must have for a search that came now.
result<std::uint64_t> index_holder_state::number_for(const std::optional<position>& at_least) const {
  if (gone)
    return gone;
  if (!neighbours || neighbours->searchers.empty())
    return error{errc::unavailable, "the searchers are being started"};
  if (!at_least)
    return required;
  if (at_least->file != options.file_id)
    return error{errc::position_of_other_file,
                 std::string{"the position is of file "}
                   .append(std::to_string(at_least->file))
                   .append(", this is ")
                   .append(std::to_string(options.file_id))};
  return std::max(required, at_least->number);
}

const searcher_actor& index_holder_state::next_searcher() {
  return neighbours->searchers[searches++ % neighbours->searchers.size()];
}

caf::result<search_reply> index_holder_state::search(self_pointer self, deadline until, search_request& request) {
  const auto number = number_for(request.options.at_least);
  if (!number)
    return to_caf(number.error());
  if (request.options.after)
    return search_kept(self, until, request);
  if (now == phase::live && view->number >= *number) {
    if (request.options.paged)
      keep(self, view);
    return self->delegate(next_searcher(), search_atom_v, options.collection.id, view, until, std::move(request),
                          holder_actor{self});
  }
  if (auto room = check_room(); !room)
    return to_caf(room.error());
  auto promise = self->make_response_promise<search_reply>();
  wait(self, *number, until, waiting_line::search{std::move(request), {promise, errc::unavailable}});
  return promise;
}

/// A further page, in the view that the first one was of.
caf::result<search_reply> index_holder_state::search_kept(self_pointer self, deadline until, search_request& request) {
  const auto& as_of = request.options.after->as_of;
  if (as_of.file != options.file_id)
    return to_caf(
      {errc::position_of_other_file,
       "the page is of file " + std::to_string(as_of.file) + ", this is " + std::to_string(options.file_id)});
  auto of_page = kept.find(as_of.number, self->clock().now());
  if (!of_page)
    return to_caf(
      {errc::page_expired,
       "the state of change " + std::to_string(as_of.number) + " is kept no more; begin again with the first page"});
  return self->delegate(next_searcher(), search_atom_v, options.collection.id, std::move(of_page), until,
                        std::move(request), holder_actor{self});
}

void index_holder_state::keep(self_pointer self, index::view_ptr what) {
  const auto was_keeping = kept.forget_old(self->clock().now());
  kept.keep(std::move(what), self->clock().now());
  if (!was_keeping)
    self->delayed_send(self, kept_views::kept_for, forget_atom_v);
}

void index_holder_state::forget_old_views(self_pointer self) {
  if (kept.forget_old(self->clock().now()))
    self->delayed_send(self, kept_views::kept_for, forget_atom_v);
}

caf::result<leased_view> index_holder_state::lend(self_pointer self, deadline until, const lease_request& request) {
  const auto number = number_for(request.at_least);
  if (!number)
    return to_caf(number.error());
  if (now == phase::live && view->number >= *number)
    return leased();
  if (auto room = check_room(); !room)
    return to_caf(room.error());
  auto promise = self->make_response_promise<leased_view>();
  wait(self, *number, until, waiting_line::reader{promise, errc::unavailable});
  return promise;
}

/// A view that lacks what WRITER told meanwhile is good for one search.
leased_view index_holder_state::leased() const {
  return {options.file_id, options.path, view, newest, view->number >= required ? complete : lease_watch{}};
}

result<void> index_holder_state::check_room() const {
  if (waiters.size() >= options.database.max_waiting_searches)
    return error{errc::overloaded, std::to_string(waiters.size()).append(" searches wait already")};
  return {};
}

void index_holder_state::wait(self_pointer self, std::uint64_t number, deadline until,
                              std::variant<waiting_line::search, waiting_line::reader> who) {
  waiters.add(number, until, std::move(who));
  // One alarm is enough, for the first deadline.
  if (until.at < next_expiry)
    set_expiry(self, until.at);
  if (now == phase::cold)
    load(self);
  else if (now == phase::live && number > required)
    verify_positions(self);
}

void index_holder_state::set_expiry(self_pointer self, caf::actor_clock::time_point at) {
  next_expiry = at;
  self->delayed_send(self, std::max(at - self->clock().now(), caf::actor_clock::duration_type{0}), expire_atom_v);
}

void index_holder_state::expire(self_pointer self) {
  const auto time = self->clock().now();
  waiters.expire(time);
  // An alarm for a deadline after this one may be set already.
  if (next_expiry > time)
    return;
  next_expiry = caf::actor_clock::time_point::max();
  if (!waiters.empty())
    set_expiry(self, waiters.first_deadline());
}

/// Whether the file has the numbers that are waited for at all: a read begun now tells, for those who wait already.
void index_holder_state::verify_positions(self_pointer self) {
  const auto fail_unreached = [self, last = waiters.last_ticket()](std::uint64_t reached, const error& why) {
    const auto there = std::max(reached, self->state.required);
    self->state.waiters.fail_if([&](const waiting_line::waiter& each) -> std::optional<error> {
      if (each.ticket > last || each.number <= there)
        return std::nullopt;
      return error{why.code, "change " + std::to_string(each.number) + " was asked for, " + why.detail};
    });
  };
  self->request(neighbours->log_sync, caf::infinite, sync_atom_v, options.collection.id)
    .then(
      [=](std::uint64_t reached) {
        fail_unreached(reached, {errc::position_not_reached, "the file has " + std::to_string(reached)});
      },
      [=](const caf::error& failure) { fail_unreached(0, from_caf(failure)); });
}

void index_holder_state::serve_waiters(self_pointer self) {
  if (neighbours->searchers.empty())
    return;
  for (auto& each : waiters.take_up_to(view->number))
    if (auto* const search = std::get_if<waiting_line::search>(&each.who)) {
      if (search->request.options.paged)
        keep(self, view);
      search->asker.delegate(next_searcher(), search_atom_v, options.collection.id, view, each.until,
                             std::move(search->request), holder_actor{self});
    } else {
      std::get<waiting_line::reader>(each.who).deliver(leased());
    }
}

void index_holder_state::fail_waiters(const error& why) {
  waiters.fail_if([&](const waiting_line::waiter&) { return std::optional{why}; });
}

} // namespace lodge
