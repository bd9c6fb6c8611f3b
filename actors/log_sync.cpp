//  WRITER, WATCHER ── nudge ──▶ LOG SYNC ── entries, closing mark ──▶ HOLDER
//                                  ▲
//                             SQLite file

#include "actors/log_sync.hpp"

#include "actors/caf_errors.hpp"

#include <algorithm>
#include <chrono>

namespace lodge {

namespace {

constexpr std::chrono::milliseconds pause_before_retry{50};

} // namespace

result<std::uint64_t> log_sync_state::attach(collection_id id, std::uint64_t from, bool with_rows,
                                             holder_actor holder) {
  listener made{std::move(holder), from, with_rows, {}};
  if (from == from_now_on) {
    // Past every number there is, so that the page is empty and says the newest.
    auto page = file->log_after(id, from_now_on >> 1, false);
    if (!page)
      return page.error();
    made.number = page->number;
  }
  auto distance = file->distance_to_base(id);
  if (!distance)
    return distance.error();
  made.distance = *distance;
  const auto number = made.number;
  listeners[id] = std::move(made);
  return number;
}

void log_sync_state::read_news(log_sync_actor::pointer self) {
  // Several commits may have come since the first of several nudges.
  if (const auto changed = file->changed_elsewhere(); changed && !*changed && !behind)
    return;
  behind = false;
  for (auto& [id, who] : listeners)
    behind = !tell(self, id, who, false) || behind;
  if (behind)
    try_again(self);
}

/// The next commit, with its nudge, may be long in coming, and searches wait for this one.
void log_sync_state::try_again(log_sync_actor::pointer self) {
  const auto now = self->clock().now();
  if (now < next_try)
    return;
  next_try = now + pause_before_retry;
  self->delayed_send(self, pause_before_retry, nudge_atom_v);
}

result<std::uint64_t> log_sync_state::tell(log_sync_actor::pointer self, collection_id id, listener& who, bool always) {
  auto page = file->log_after(id, who.number, who.with_rows);
  if (!page) {
    self->send(who.holder, sync_atom_v, bad_news{page.error()});
    return page.error();
  }
  who.number = page->number;
  if (page->entries.empty() && !page->truncated && !always)
    return who.number;
  bool new_base = page->truncated;
  for (const auto& entry : page->entries) {
    new_base = new_base || entry.kind == storage::entry_kind::base;
    const auto is_change = entry.kind != storage::entry_kind::base && entry.kind != storage::entry_kind::create;
    if (is_change && entry.number > who.distance.counted_to)
      ++who.distance.changes;
  }
  who.distance.counted_to = std::max(who.distance.counted_to, page->number);
  if (new_base)
    if (auto distance = file->distance_to_base(id))
      who.distance = *distance;
  self->send(who.holder, sync_atom_v,
             log_news_ptr{std::make_shared<const log_news>(log_news{*std::move(page), who.distance})});
  return who.number;
}

log_sync_actor::behavior_type log_sync(log_sync_actor::stateful_pointer<log_sync_state> self, std::string path) {
  auto opened = storage::reader::open(path);
  if (!opened) {
    self->quit(to_caf(opened.error()));
    return log_sync_actor::behavior_type::make_empty_behavior();
  }
  self->state.file = *std::move(opened);
  self->set_down_handler([self](const caf::down_msg& message) {
    std::erase_if(self->state.listeners, [&](const auto& x) { return x.second.holder.address() == message.source; });
  });
  return {
    [self](nudge_atom) { self->state.read_news(self); },
    [self](attach_atom, collection_id id, std::uint64_t from, bool with_rows,
           holder_actor& holder) -> caf::result<std::uint64_t> {
      self->monitor(holder);
      auto attached = self->state.attach(id, from, with_rows, std::move(holder));
      if (attached)
        attached = self->state.tell(self, id, self->state.listeners[id], true);
      return answer(std::move(attached));
    },
    [self](sync_atom, collection_id id) -> caf::result<std::uint64_t> {
      const auto found = self->state.listeners.find(id);
      if (found == self->state.listeners.end())
        return to_caf({errc::unavailable, "the collection's holder is not attached"});
      return answer(self->state.tell(self, id, found->second, true));
    },
  };
}

} // namespace lodge
