//  WRITER ── committed n ────────▶ INDEX HOLDER ── view, search_request ──▶ SEARCHER
//  LOG SYNC ── entries, mark ────▶      ▲  │
//  LOADER ── rows, graphs ───────▶      │  └── grew ──▶ COMPACTOR
//  COMPACTOR ── published base ──▶      └── search_request ── COLLECTION

#include "actors/index_holder.hpp"

#include "actors/caf_errors.hpp"
#include "actors/compaction_threshold.hpp"
#include "actors/loader.hpp"
#include "actors/log_sync.hpp"
#include "actors/spawn.hpp"

#include <algorithm>

namespace lodge {

namespace {

constexpr std::chrono::seconds idle_pause{5};

} // namespace

void index_holder_state::connect(self_pointer self, crew_ptr present) {
  const auto had_log_sync = neighbours ? neighbours->log_sync : log_sync_actor{};
  const auto had_compactor = neighbours ? neighbours->compactor : compactor_actor{};
  neighbours = std::move(present);
  if (neighbours->compactor != had_compactor) {
    // A new COMPACTOR knows of no wish.
    asked_after = UINT64_MAX;
    growth_asked = false;
    ask_for_compaction(self);
    if (now == phase::live)
      ask_for_growth(self);
  }
  if (!neighbours->log_sync || neighbours->log_sync == had_log_sync)
    return;
  // A new LOG SYNC knows nobody. What was being loaded is loaded anew, since its news are lost.
  if (now == phase::live)
    attach(self, builder.number(), true);
  else
    attach(self, from_now_on, false);
  if (now == phase::loading) {
    now = phase::cold;
    load(self);
  }
}

void index_holder_state::attach(self_pointer self, std::uint64_t from, bool with_rows) {
  self
    ->request(neighbours->log_sync, caf::infinite, attach_atom_v, options.collection.id, from, with_rows,
              holder_actor{self})
    .then([](std::uint64_t) {},
          [self](caf::error&) {
            // LOG SYNC does not know us, so that no news will come. What is loaded anew asks it again.
            auto& s = self->state;
            if (s.now != phase::live)
              return;
            s.now = phase::cold;
            if (!s.waiters.empty())
              s.load(self);
          });
}

caf::result<search_reply> index_holder_state::search(self_pointer self, deadline until, search_request& request) {
  if (gone)
    return to_caf(gone);
  if (!neighbours || neighbours->searchers.empty())
    return to_caf({errc::unavailable, "the searchers are being started"});
  auto number = required;
  if (const auto& at_least = request.options.at_least) {
    if (at_least->file != options.file_id)
      return to_caf(
        {errc::position_of_other_file,
         "the position is of file " + std::to_string(at_least->file) + ", this is " + std::to_string(options.file_id)});
    number = std::max(number, at_least->number);
  }
  if (now == phase::live && view->number >= number)
    return self->delegate(neighbours->searchers[next_searcher++ % neighbours->searchers.size()], search_atom_v,
                          options.collection.id, view, until, std::move(request), holder_actor{self});
  if (waiters.size() >= options.database.max_waiting_searches)
    return to_caf({errc::overloaded, std::to_string(waiters.size()) + " searches wait already"});
  auto promise = self->make_response_promise<search_reply>();
  wait(self, {++tickets, number, until, std::move(request), {promise, errc::unavailable}});
  if (now == phase::cold)
    load(self);
  else if (now == phase::live && number > required)
    verify_positions(self);
  return promise;
}

void index_holder_state::wait(self_pointer self, waiter who) {
  // One alarm is enough, for the first deadline.
  if (who.until.at < next_expiry)
    set_expiry(self, who.until.at);
  waiters.push_back(std::move(who));
}

void index_holder_state::set_expiry(self_pointer self, caf::actor_clock::time_point at) {
  next_expiry = at;
  self->delayed_send(self, std::max(at - self->clock().now(), caf::actor_clock::duration_type{0}), expire_atom_v);
}

void index_holder_state::expire(self_pointer self) {
  const auto time = self->clock().now();
  std::erase_if(waiters, [&](waiter& who) {
    if (who.until.at > time)
      return false;
    who.asker.deliver(
      error{errc::deadline_exceeded, "no view of change " + std::to_string(who.number) + " within the time"});
    return true;
  });
  // An alarm for a deadline after this one may be set already.
  if (next_expiry > time)
    return;
  next_expiry = caf::actor_clock::time_point::max();
  if (!waiters.empty())
    set_expiry(self, std::ranges::min_element(waiters, {}, [](const waiter& who) { return who.until.at; })->until.at);
}

/// Whether the file has the numbers that are waited for at all: a read begun now tells, for those who wait already.
void index_holder_state::verify_positions(self_pointer self) {
  const auto fail_unreached = [self, last = tickets](std::uint64_t reached, const error& why) {
    std::erase_if(self->state.waiters, [&](waiter& who) {
      if (who.ticket > last || who.number <= std::max(reached, self->state.required))
        return false;
      who.asker.deliver(error{why.code, "change " + std::to_string(who.number) + " was asked for, " + why.detail});
      return true;
    });
  };
  self->request(neighbours->log_sync, caf::infinite, sync_atom_v, options.collection.id)
    .then(
      [=](std::uint64_t reached) {
        fail_unreached(reached, {errc::position_not_reached, "the file has " + std::to_string(reached)});
      },
      [=](const caf::error& failure) { fail_unreached(0, from_caf(failure)); });
}

void index_holder_state::load(self_pointer self) {
  now = phase::loading;
  ++load_number;
  early_news.clear();
  early_base.reset();
  fail_view_waiters();
  // First the news from here on, then the rows: what lies between is told twice, and passed over the second time.
  self
    ->request(neighbours->log_sync, caf::infinite, attach_atom_v, options.collection.id, from_now_on, true,
              holder_actor{self})
    .then(
      [self](std::uint64_t) {
        const auto& given = self->state.options;
        spawn_blocking<caf::linked>(given.database.run_mode, *self, loader,
                                    loading_task{given.path, given.collection, self->state.load_number, self, nullptr,
                                                 given.database.on_loading});
      },
      [self](caf::error& failure) {
        self->state.now = phase::cold;
        self->state.fail_waiters(from_caf(failure));
      });
}

void index_holder_state::take(self_pointer self, const loaded_collection& loaded) {
  if (now != phase::loading || loaded.load != load_number)
    return;
  if (std::ranges::any_of(early_news, [](const auto& news) { return news->page.truncated; }))
    return load(self);
  builder = index::view_builder{options.collection.info.metric, options.collection.info.dimension};
  builder.load(loaded.rows);
  now = phase::live;
  for (const auto& news : std::exchange(early_news, {}))
    tell_builder(news->page);
  if (const auto base = std::exchange(early_base, nullptr))
    builder.adopt(*base);
  refresh(self);
  growth_asked = false;
  ask_for_growth(self);
  if (!loaded.base_damage.empty())
    self->send(neighbours->compactor, grew_atom_v, options.collection.id, growth_wish::replace);
  // Those who asked for a number that the file did not have yet.
  if (std::ranges::any_of(waiters, [&](const waiter& who) { return who.number > std::max(required, view->number); }))
    verify_positions(self);
}

void index_holder_state::take(self_pointer self, const loaded_graph& read) {
  if (now != phase::live || read.load != load_number)
    return;
  builder.attach_graph(read.segment, read.graph);
  refresh(self);
  ask_for_growth(self);
}

/// The rows could not be read, or a graph: then the rows are there, and are scanned until there is a new base.
void index_holder_state::loading_failed(self_pointer self, const load_failure& failure) {
  if (failure.load != load_number)
    return;
  if (now == phase::live && failure.what.code == errc::base_corrupt)
    self->send(neighbours->compactor, grew_atom_v, options.collection.id, growth_wish::replace);
  if (now == phase::loading) {
    now = phase::cold;
    fail_waiters(failure.what);
  }
}

holder_stats index_holder_state::stats() const {
  if (!view)
    return {};
  holder_stats seen{view->number, 0, 0};
  for (const auto& part : view->segments)
    (part.rows.graph ? seen.graph_vectors : seen.scanned_vectors) += part.rows.rows->size();
  for (const auto& rows : view->delta)
    seen.scanned_vectors += rows.count;
  return seen;
}

void index_holder_state::take(self_pointer self, const grown_segments_ptr& grown) {
  if (now == phase::loading)
    early_base = grown;
  if (now != phase::live || !builder.adopt(*grown))
    return;
  growth_asked = false;
  refresh(self);
  ask_for_growth(self);
}

caf::result<index::view_ptr> index_holder_state::view_of(self_pointer self, std::uint64_t number) {
  // A segment whose graph is still to come would be built anew, which the file can spare.
  if (now != phase::live || !has_every_graph())
    return index::view_ptr{};
  if (view->number >= number)
    return view;
  auto promise = self->make_response_promise<index::view_ptr>();
  view_waiters.push_back({number, {promise, errc::unavailable}});
  verify_view(self);
  return promise;
}

bool index_holder_state::has_every_graph() const {
  return std::ranges::all_of(view->segments, [](const auto& part) { return part.rows.graph != nullptr; });
}

/// Another process's change may not have been told yet.
void index_holder_state::verify_view(self_pointer self) {
  const auto end = [self] { self->state.fail_view_waiters(); };
  self->request(neighbours->log_sync, caf::infinite, sync_atom_v, options.collection.id)
    .then([end](std::uint64_t) { end(); }, [end](const caf::error&) { end(); });
}

void index_holder_state::fail_view_waiters() {
  for (auto& who : std::exchange(view_waiters, {}))
    who.asker.deliver(index::view_ptr{});
}

void index_holder_state::apply(self_pointer self, const log_news_ptr& news) {
  distance = news->distance;
  const auto& entries = news->page.entries;
  if (std::ranges::any_of(entries, [](const auto& x) { return x.kind == storage::entry_kind::drop; })) {
    gone = {errc::collection_dropped, "the collection was dropped"};
    builder = index::view_builder{metric::l2, 0};
    view.reset();
    now = phase::cold;
    fail_waiters(gone);
    fail_view_waiters();
    return;
  }
  ask_for_compaction(self);
  plan_idle_compaction(self);
  if (now == phase::loading)
    early_news.push_back(news);
  if (now != phase::live)
    return;
  if (news->page.truncated) {
    now = phase::cold;
    load(self);
    return;
  }
  tell_builder(news->page);
  refresh(self);
  ask_for_growth(self);
  take_over_base(self);
}

void index_holder_state::tell_builder(const storage::log_page& page) {
  if (page.number < builder.number())
    return;
  for (const auto& entry : page.entries) {
    if (entry.number <= builder.number())
      continue;
    if (entry.kind == storage::entry_kind::put)
      builder.put(entry.number, entry.key, entry.vector);
    if (entry.died != 0)
      builder.bury({entry.number, entry.died});
  }
  builder.seal(page.number);
}

void index_holder_state::refresh(self_pointer self) {
  view = builder.snapshot();
  serve_waiters(self);
  std::erase_if(view_waiters, [&](view_waiter& who) {
    if (who.number > view->number)
      return false;
    who.asker.deliver(view);
    return true;
  });
}

void index_holder_state::serve_waiters(self_pointer self) {
  if (neighbours->searchers.empty())
    return;
  std::erase_if(waiters, [&](waiter& who) {
    if (who.number > view->number)
      return false;
    who.asker.delegate(neighbours->searchers[next_searcher++ % neighbours->searchers.size()], search_atom_v,
                       options.collection.id, view, who.until, std::move(who.request), holder_actor{self});
    return true;
  });
}

void index_holder_state::fail_waiters(const error& why) {
  for (auto& who : std::exchange(waiters, {}))
    who.asker.deliver(why);
}

void index_holder_state::ask_for_compaction(self_pointer self) {
  if (!reaches(distance, options.database.auto_compaction) || asked_after == distance.version)
    return;
  asked_after = distance.version;
  self->send(neighbours->compactor, grew_atom_v, options.collection.id, growth_wish::publish);
}

void index_holder_state::ask_for_growth(self_pointer self) {
  const auto& when = options.database.auto_compaction;
  if (when.changes == 0 || when.growth == 0 || growth_asked || !has_every_graph() || builder.delta_rows() < when.growth)
    return;
  growth_asked = true;
  self->send(neighbours->compactor, grew_atom_v, options.collection.id, growth_wish::in_memory);
}

void index_holder_state::plan_idle_compaction(self_pointer self) {
  if (idle_planned || options.database.auto_compaction.changes == 0 || asked_after == distance.version
      || !reaches(distance, idle_threshold))
    return;
  idle_planned = true;
  self->delayed_send(self, idle_pause, idle_atom_v, distance.counted_to);
}

void index_holder_state::publish_if_idle(self_pointer self, std::uint64_t number) {
  idle_planned = false;
  if (distance.counted_to != number)
    return plan_idle_compaction(self);
  if (asked_after == distance.version || !reaches(distance, idle_threshold))
    return;
  asked_after = distance.version;
  self->send(neighbours->compactor, grew_atom_v, options.collection.id, growth_wish::publish);
}

/// Another process has published more than what is in the segments here.
void index_holder_state::take_over_base(self_pointer self) {
  if (distance.version <= taken_over || distance.version == builder.base() || distance.watermark <= builder.covers())
    return;
  taken_over = distance.version;
  const auto& given = options;
  spawn_blocking<caf::linked>(
    given.database.run_mode, *self, loader,
    loading_task{given.path, given.collection, load_number, self, view, given.database.on_loading});
}

holder_actor::behavior_type index_holder(index_holder_state::self_pointer self, holder_options options) {
  self->state.options = std::move(options);
  self->set_exit_handler([self](caf::exit_msg& message) {
    // A loader that ends is no reason to end: it has said how it went.
    if (message.source != nullptr && message.reason == caf::exit_reason::normal)
      return;
    self->state.fail_waiters({errc::unavailable, "the index is being stopped"});
    self->quit(message.reason);
  });
  return {
    [self](search_atom, deadline until, search_request& request) -> caf::result<search_reply> {
      return self->state.search(self, until, request);
    },
    [self](committed_atom, std::uint64_t number) { self->state.required = std::max(self->state.required, number); },
    [self](sync_atom, const log_news_ptr& news) { self->state.apply(self, news); },
    [self](sync_atom, const bad_news& news) { self->state.fail_waiters(news.what); },
    [self](adopt_atom, const loaded_collection_ptr& rows) { self->state.take(self, *rows); },
    [self](adopt_atom, const loaded_graph& read) { self->state.take(self, read); },
    [self](adopt_atom, const load_failure& failure) { self->state.loading_failed(self, failure); },
    [self](adopt_atom, const grown_segments_ptr& grown) { self->state.take(self, grown); },
    [self](view_atom, std::uint64_t number) -> caf::result<index::view_ptr> {
      return self->state.view_of(self, number);
    },
    [self](idle_atom, std::uint64_t number) { self->state.publish_if_idle(self, number); },
    [self](stats_atom) -> caf::result<holder_stats> { return self->state.stats(); },
    [self](connect_atom, crew_ptr& present) { self->state.connect(self, std::move(present)); },
    [self](close_atom, const bad_news& why) {
      self->state.fail_waiters(why.what);
      self->quit(caf::exit_reason::user_shutdown);
    },
    [self](expire_atom) { self->state.expire(self); },
  };
}

} // namespace lodge
