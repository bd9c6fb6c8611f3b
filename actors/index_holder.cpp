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

void index_holder_state::connect(self_pointer self, crew_ptr present) {
  const auto had_log_sync = neighbours ? neighbours->log_sync : log_sync_actor{};
  const auto had_compactor = neighbours ? neighbours->compactor : compactor_actor{};
  neighbours = std::move(present);
  if (neighbours->compactor != had_compactor) {
    // A new COMPACTOR knows of no wish.
    rules.forget();
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
    cool();
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
            s.cool();
            if (!s.waiters.empty())
              s.load(self);
          });
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
        if (!has_thread_to_give(given.database.run_mode)) {
          self->state.cool();
          return self->state.fail_waiters({errc::out_of_memory, "there is no thread to load the collection with"});
        }
        spawn_blocking<caf::linked>(given.database.run_mode, *self, loader,
                                    loading_task{given.path, given.collection, self->state.load_number, self, nullptr,
                                                 given.database.on_loading});
      },
      [self](caf::error& failure) {
        self->state.cool();
        self->state.fail_waiters(from_caf(failure));
      });
}

void index_holder_state::take(self_pointer self, const loaded_collection& loaded) {
  if (now != phase::loading || loaded.load != load_number)
    return;
  if (std::ranges::any_of(early_news, [](const auto& news) { return news->page.truncated; }))
    return load(self);
  builder = index::view_builder{options.collection.info.metric,
                                {options.collection.info.dimension, options.collection.info.vector_form}};
  builder.load(loaded.rows);
  now = phase::live;
  for (const auto& news : std::exchange(early_news, {}))
    tell_builder(news->page);
  if (const auto base = std::exchange(early_base, nullptr))
    builder.adopt(*base);
  refresh(self);
  rules.has_grown();
  ask_for_growth(self);
  if (!loaded.base_damage.empty())
    ask_compactor(self, growth_wish::replace);
  // Those who asked for a number that the file did not have yet.
  if (waiters.wants_more_than(std::max(required, view->number)))
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
    ask_compactor(self, growth_wish::replace);
  if (now == phase::loading) {
    cool();
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
  rules.has_grown();
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
  rules.read(news->distance);
  const auto& entries = news->page.entries;
  if (std::ranges::any_of(entries, [](const auto& x) { return x.kind == storage::entry_kind::drop; })) {
    gone = {errc::collection_dropped, "the collection was dropped"};
    builder = index::view_builder{metric::l2, {}};
    cool();
    view.reset();
    kept.clear();
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
    cool();
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

void index_holder_state::close(const error& why) {
  cool();
  fail_waiters(why);
}

/// To be loaded again, by the next search. Until then there may be changes that nobody here hears of.
void index_holder_state::cool() {
  now = phase::cold;
  newest.reset();
}

void index_holder_state::refresh(self_pointer self) {
  view = builder.snapshot();
  newest = std::make_shared<const lease>();
  serve_waiters(self);
  std::erase_if(view_waiters, [&](view_waiter& who) {
    if (who.number > view->number)
      return false;
    who.asker.deliver(view);
    return true;
  });
}

void index_holder_state::ask_compactor(self_pointer self, growth_wish why) {
  self->send(neighbours->compactor, grew_atom_v, options.collection.id, why);
}

void index_holder_state::ask_for_compaction(self_pointer self) {
  if (rules.base_is_due())
    ask_compactor(self, growth_wish::publish);
}

void index_holder_state::ask_for_growth(self_pointer self) {
  if (has_every_graph() && rules.growth_is_due(builder.delta_rows()))
    ask_compactor(self, growth_wish::in_memory);
}

void index_holder_state::plan_idle_compaction(self_pointer self) {
  if (rules.idle_is_due())
    self->delayed_send(self, rules.idle(), idle_atom_v, rules.distance().counted_to);
}

void index_holder_state::publish_if_idle(self_pointer self, std::uint64_t number) {
  if (rules.idle_is_over(number))
    ask_compactor(self, growth_wish::publish);
  else
    plan_idle_compaction(self);
}

/// Another process has published more than what is in the segments here.
void index_holder_state::take_over_base(self_pointer self) {
  const auto& [version, watermark, vectors, changes, counted_to] = rules.distance();
  if (version <= taken_over || version == builder.base() || watermark <= builder.covers())
    return;
  if (!has_thread_to_give(options.database.run_mode))
    return;
  taken_over = version;
  const auto& given = options;
  spawn_blocking<caf::linked>(
    given.database.run_mode, *self, loader,
    loading_task{given.path, given.collection, load_number, self, view, given.database.on_loading});
}

holder_actor::behavior_type index_holder(index_holder_state::self_pointer self, holder_options options) {
  self->state.rules = growth_rules{options.database.auto_compaction};
  self->state.options = std::move(options);
  self->set_exception_handler(end_quietly);
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
    [self](lease_atom, deadline until, const lease_request& request) -> caf::result<leased_view> {
      return self->state.lend(self, until, request);
    },
    [self](committed_atom, std::uint64_t number, lease_watch& complete) {
      self->state.required = std::max(self->state.required, number);
      self->state.complete = std::move(complete);
    },
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
    [self](close_atom, const bad_news& why) -> bool {
      self->state.close(why.what);
      self->quit(caf::exit_reason::user_shutdown);
      return true;
    },
    [self](expire_atom) { self->state.expire(self); },
    [self](forget_atom) { self->state.forget_old_views(self); },
  };
}

} // namespace lodge
