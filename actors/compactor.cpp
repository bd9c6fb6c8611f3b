//  INDEX HOLDER ── grew ──▶ COMPACTOR ── segment, chunks, publish ──▶ WRITER
//  COLLECTION ── compact ──▶   ▲  │
//                       SQLite file └── published base ──▶ INDEX HOLDER

#include "actors/compactor.hpp"

#include "actors/caf_errors.hpp"
#include "actors/compaction_threshold.hpp"
#include "actors/low_priority.hpp"

#include <algorithm>
#include <thread>

namespace lodge {

namespace {

constexpr std::uint64_t longest_delay_factor = 100;
/// Linked in some seconds, so that what searches must scan shrinks step by step.
constexpr std::size_t rows_a_growth_in_memory = 16'384;
/// Linked within a second or so. With more, the next to open the file makes the base.
constexpr std::size_t most_rows_at_close = 4'096;

std::size_t rows_outside_graph(const index::view& view) {
  std::size_t rows = 0;
  for (const auto& range : view.delta)
    rows += range.count;
  return rows;
}

} // namespace

/// Asks WRITER for something of the current run; the answer is dropped if that run has ended meanwhile.
template <class Reply, class Then, class... Ts>
void compactor_state::ask_writer(self_pointer self, Then then, Ts&&... request) {
  const auto number = current->number;
  self->request(neighbours->writer, caf::infinite, std::forward<Ts>(request)...)
    .then(
      [self, number, then](const Reply& reply) {
        if (auto& s = self->state; s.current && s.current->number == number)
          then(s, reply);
      },
      [self, number](caf::error& failure) {
        if (auto& s = self->state; s.current && s.current->number == number)
          s.fail(self, from_caf(failure));
      });
}

void compactor_state::want(self_pointer self, collection_id id, growth_wish why) {
  if (closer || (read_only && why != growth_wish::in_memory))
    return;
  auto& order = orders[id];
  order.grow_wanted = order.grow_wanted || why == growth_wish::in_memory;
  order.publish_wanted = order.publish_wanted || why != growth_wish::in_memory;
  order.replace = order.replace || why == growth_wish::replace;
  if (!current) {
    order.stats.state = "waiting";
    self->send(self, next_atom_v, std::uint64_t{0});
  }
}

caf::result<compaction_report> compactor_state::compact(self_pointer self, collection_id id, bool rebuild) {
  if (read_only)
    return to_caf({errc::read_only, path + " was opened for reading only; nothing was compacted"});
  auto promise = self->make_response_promise<compaction_report>();
  auto& order = orders[id];
  order.askers.emplace_back(promise, errc::unavailable);
  order.asked = true;
  order.rebuild = order.rebuild || rebuild;
  want(self, id, growth_wish::publish);
  return promise;
}

void compactor_state::advance(self_pointer self, std::uint64_t number) {
  if (current && current->number == number)
    build(self);
  else if (!current)
    begin(self);
}

void compactor_state::begin(self_pointer self) {
  const auto wanted = std::ranges::find_if(orders, [](const auto& x) { return x.second.is_wanted(); });
  if (wanted == orders.end() && closer)
    return std::exchange(closer, std::nullopt)->deliver(true);
  if (wanted == orders.end() && !sweep_wanted)
    return;
  if (!neighbours || !neighbours->writer) {
    self->delayed_send(self, retry_delay, next_atom_v, std::uint64_t{0});
    return;
  }
  current = active_run{};
  current->number = ++runs;
  if (wanted != orders.end()) {
    auto& order = wanted->second;
    current->collection = wanted->first;
    order.grow_wanted = false;
    order.stats.state = order.publish_wanted ? "sweeping" : "growing";
    if (!order.publish_wanted)
      return plan(self);
    order.publish_wanted = false;
    current->publishes = true;
    current->asked = std::exchange(order.asked, false);
    current->replace = std::exchange(order.replace, false);
    current->rebuild = std::exchange(order.rebuild, false);
    current->askers = std::exchange(order.askers, {});
  }
  sweep_wanted = false;
  // Another process may be compacting: its result is as good as ours, and ours is built on it.
  if (auto role = locks->take_compaction_role(); !role)
    return fail(self, role.error());
  sweep(self, current->collection == 0 ? &compactor_state::finish : &compactor_state::plan);
}

void compactor_state::sweep(self_pointer self, void (compactor_state::*then)(self_pointer)) {
  ask_writer<bool>(
    self,
    [self, then](compactor_state& s, bool more) {
      if (more)
        s.sweep(self, then);
      else
        (s.*then)(self);
    },
    sweep_atom_v);
}

void compactor_state::next(self_pointer self) { self->send(self, next_atom_v, current->number); }

/// What there is to do, and from which view.
void compactor_state::plan(self_pointer self) {
  auto& run = *current;
  const auto row = file->collection(run.collection);
  const auto distance = file->distance_to_base(run.collection);
  if (!row || !distance)
    return fail(self, row ? distance.error() : row.error());
  run.info = row->info;
  // Another process may have published meanwhile.
  if (run.publishes && !run.asked && !run.replace && !reaches(*distance, threshold)
      && !reaches(*distance, idle_threshold))
    return finish(self);
  if (run.publishes && distance->changes == 0 && distance->version > 0 && !run.replace && !run.rebuild) {
    // Its version stays 0: nothing is published.
    run.manifest.watermark = distance->watermark;
    run.vectors = run.info.vectors;
    return forget_history(self);
  }
  auto present = file->base(run.collection);
  if (!present)
    return fail(self, present.error());
  if (*present)
    run.present = *std::move(*present);
  const auto version = run.present.version + 1;
  run.manifest = {version, run.rebuild || version == 1 ? version : version - 1, 0, run.present.watermark, {}};
  const auto& holder = orders[run.collection].holder;
  if (!holder)
    return start_build(self, nullptr);
  const auto number = run.number;
  const auto go_on = [self, number](const index::view_ptr& view) {
    if (auto& s = self->state; s.current && s.current->number == number)
      s.start_build(self, view);
  };
  self->request(holder, caf::infinite, view_atom_v, run.publishes ? distance->counted_to : std::uint64_t{0})
    .then(go_on, [go_on](const caf::error&) { go_on(nullptr); });
}

void compactor_state::start_build(self_pointer self, index::view_ptr view) {
  auto& run = *current;
  if (!run.publishes && !view)
    return finish(self);
  if (closer && !run.asked && (!view || rows_outside_graph(*view) > most_rows_at_close))
    return finish(self);
  index::growth_options options;
  options.rebuild = run.rebuild;
  options.largest_segment = largest_segment;
  if (!run.publishes)
    options.most_new_rows = rows_a_growth_in_memory;
  // What grew from another base than the present one cannot take its place.
  const auto base = run.publishes ? run.present.version : view->base;
  run.build =
    std::make_unique<compaction_run>(compaction_start{path, run.collection, run.info, std::move(view), base}, options);
  hire_workers(self);
  build(self);
}

void compactor_state::hire_workers(self_pointer self) {
  if (build_workers < 2)
    return;
  const auto number = current->number;
  current->workers =
    std::make_shared<build_crew>(self, run_mode, build_workers, [self, number](const result<void>& done) {
      if (auto& s = self->state; s.current && s.current->number == number) {
        if (done)
          s.build(self);
        else
          s.fail(self, done.error());
      }
    });
}

void compactor_state::build(self_pointer self) {
  auto& run = *current;
  if (run.build->done())
    return end_build(self);
  auto& shown = orders[run.collection].stats.state;
  shown = run.publishes ? run.build->progress() : "growing";
  if (auto graph = run.build->building(); graph && run.workers && run.workers->takes(*graph))
    return run.workers->do_phase(std::move(graph));
  if (auto stepped = run.build->step(); !stepped)
    return fail(self, stepped.error());
  next(self);
}

void compactor_state::end_build(self_pointer self) {
  auto& run = *current;
  auto grown = run.build->take();
  run.build.reset();
  run.workers.reset();
  tell_holder(self, grown);
  if (!run.publishes)
    return finish(self);
  run.manifest.watermark = grown.covers;
  for (const auto& part : grown.segments)
    run.vectors += part.living;
  run.writing.emplace(run.collection, std::move(grown), run.present.segments);
  orders[run.collection].stats.state = "writing";
  write_segments(self);
}

void compactor_state::tell_holder(self_pointer self, index::grown_segments grown) {
  if (const auto& holder = orders[current->collection].holder)
    self->send(holder, adopt_atom_v,
               grown_segments_ptr{std::make_shared<const index::grown_segments>(std::move(grown))});
}

void compactor_state::write_segments(self_pointer self) {
  const auto more = current->writing->next_segment();
  if (!more)
    return fail(self, more.error());
  if (!*more)
    return publish(self);
  ask_writer<std::uint64_t>(
    self,
    [self](compactor_state& s, std::uint64_t id) {
      s.current->writing->name(id);
      s.write_chunk(self);
    },
    segment_atom_v);
}

void compactor_state::write_chunk(self_pointer self) {
  auto made = current->writing->next_chunk();
  if (!made)
    return write_segments(self);
  ask_writer<bool>(
    self, [self](compactor_state& s, bool) { s.write_chunk(self); }, chunk_atom_v, *std::move(made));
}

void compactor_state::publish(self_pointer self) {
  current->manifest.segments = current->writing->records();
  ask_writer<std::uint64_t>(
    self,
    [self](compactor_state& s, std::uint64_t) {
      auto& run = *s.current;
      s.tell_holder(self, run.writing->published(run.manifest.version));
      run.writing.reset();
      ++s.orders[run.collection].stats.compactions;
      if (run.askers.empty())
        s.sweep(self, &compactor_state::finish);
      else
        s.forget_history(self);
    },
    publish_atom_v, current->collection, current->manifest);
}

/// Whoever asked for a compaction wants the space back now, and not with the one after it.
void compactor_state::forget_history(self_pointer self) {
  orders[current->collection].stats.state = "sweeping";
  ask_writer<bool>(
    self, [self](compactor_state& s, bool) { s.sweep(self, &compactor_state::finish); }, forget_atom_v,
    current->collection);
}

void compactor_state::give_role_back() {
  if (current->publishes || current->collection == 0)
    locks->end_compaction_role();
}

void compactor_state::finish(self_pointer self) {
  give_role_back();
  auto ended = *std::exchange(current, std::nullopt);
  if (ended.collection != 0) {
    auto& order = orders[ended.collection];
    order.failures = 0;
    order.stats.state = order.is_wanted() ? "waiting" : "idle";
    order.stats.last_error.clear();
  }
  const compaction_report made{{file_id, ended.manifest.watermark}, ended.vectors, ended.manifest.version > 0};
  for (auto& each : ended.askers)
    each.deliver(made);
  self->send(self, next_atom_v, std::uint64_t{0});
}

void compactor_state::fail(self_pointer self, const error& why) {
  give_role_back();
  auto ended = *std::exchange(current, std::nullopt);
  // Whoever waits goes on waiting while another process compacts.
  if (why.code == errc::busy)
    std::ranges::move(ended.askers, std::back_inserter(orders[ended.collection].askers));
  else
    for (auto& each : ended.askers)
      each.deliver(why);
  if (ended.collection == 0) {
    self->delayed_send(self, retry_delay, sweep_atom_v);
  } else if (why.code == errc::collection_dropped) {
    for (auto& each : orders[ended.collection].askers)
      each.deliver(why);
    orders.erase(ended.collection);
  } else {
    auto& order = orders[ended.collection];
    order.asked = order.asked || ended.asked;
    order.replace = order.replace || ended.replace;
    order.rebuild = order.rebuild || ended.rebuild;
    order.stats.last_error = to_string(why);
    order.stats.state = "waiting";
    const auto wish = ended.publishes ? growth_wish::publish : growth_wish::in_memory;
    if (why.code == errc::busy)
      // Another process has the role, which it may give back at any time.
      self->delayed_send(self, 2 * retry_delay, grew_atom_v, ended.collection, wish);
    else
      retry_later(self, ended.collection, wish);
  }
  self->send(self, next_atom_v, std::uint64_t{0});
}

void compactor_state::retry_later(self_pointer self, collection_id id, growth_wish why) {
  auto& order = orders[id];
  const auto factor = std::min(std::uint64_t{1} << std::min<std::uint64_t>(order.failures++, 7), longest_delay_factor);
  self->delayed_send(self, retry_delay * factor, grew_atom_v, id, why);
}

/// What a publishing run has begun goes on; DATABASE waits for so long as it can.
caf::result<bool> compactor_state::close(self_pointer self) {
  if (read_only || threshold.changes == 0 || threshold.idle.count() == 0)
    return true;
  auto promise = self->make_response_promise<bool>();
  closer.emplace(promise, errc::unavailable);
  sweep_wanted = false;
  if (current && current->collection != 0 && !current->publishes)
    current.reset();
  for (auto& [id, order] : orders) {
    order.grow_wanted = false;
    const auto under_way = current && current->collection == id;
    const auto distance = file->distance_to_base(id);
    if (order.holder && !under_way && distance && reaches(*distance, idle_threshold))
      order.publish_wanted = true;
  }
  self->send(self, next_atom_v, std::uint64_t{0});
  return promise;
}

compactor_stats compactor_state::stats_of(collection_id id) const {
  const auto found = orders.find(id);
  return found == orders.end() ? compactor_stats{} : found->second.stats;
}

void compactor_state::lose(self_pointer self, const caf::actor_addr& whom) {
  if (current && current->workers && current->workers->has(whom))
    fail(self, {errc::unavailable, "a part that was building the graph has ended"});
  else
    forget(whom);
}

/// A holder ended: its collection was dropped, or gets a new one.
void compactor_state::forget(const caf::actor_addr& holder) {
  for (auto& [id, order] : orders)
    if (order.holder && order.holder.address() == holder)
      order.holder = nullptr;
  std::erase_if(orders, [&](const auto& x) {
    return !x.second.holder && !x.second.is_wanted() && x.second.askers.empty()
      && (!current || current->collection != x.first);
  });
}

void compactor_state::stop(const error& why) {
  if (current)
    for (auto& each : current->askers)
      each.deliver(why);
  for (auto& [id, order] : orders)
    for (auto& each : order.askers)
      each.deliver(why);
}

compactor_actor::behavior_type compactor(compactor_state::self_pointer self, std::string path,
                                         database_options options) {
  auto opened = storage::reader::open(path);
  auto locks = options.read_only ? result{std::unique_ptr<storage::sidecar>{}} : storage::sidecar::open(path);
  if (!opened || !locks) {
    self->quit(to_caf(opened ? locks.error() : opened.error()));
    return compactor_actor::behavior_type::make_empty_behavior();
  }
  self->state.read_only = options.read_only;
  lower_priority(options.run_mode);
  self->state.path = std::move(path);
  self->state.retry_delay = options.restart_delay;
  self->state.largest_segment = options.largest_segment;
  self->state.run_mode = options.run_mode;
  self->state.build_workers = options.build_workers > 0 ? options.build_workers : std::thread::hardware_concurrency();
  self->state.threshold = options.auto_compaction;
  self->state.file_id = (*opened)->identity();
  self->state.file = *std::move(opened);
  self->state.locks = *std::move(locks);
  self->set_down_handler([self](const caf::down_msg& message) { self->state.lose(self, message.source); });
  self->set_exit_handler([self](caf::exit_msg& message) {
    self->state.stop({errc::closed, "the database was closed during the compaction"});
    self->quit(message.reason);
  });
  return {
    [self](compact_atom, collection_id id) { return self->state.compact(self, id, false); },
    [self](rebuild_atom, collection_id id) { return self->state.compact(self, id, true); },
    [self](grew_atom, collection_id id, growth_wish why) { self->state.want(self, id, why); },
    [self](attach_atom, collection_id id, holder_actor& holder) {
      self->monitor(holder);
      self->state.orders[id].holder = std::move(holder);
    },
    [self](stats_atom, collection_id id) -> caf::result<compactor_stats> { return self->state.stats_of(id); },
    [self](sweep_atom) {
      if (self->state.read_only)
        return;
      self->state.sweep_wanted = true;
      self->send(self, next_atom_v, std::uint64_t{0});
    },
    [self](close_atom) { return self->state.close(self); },
    [self](connect_atom, crew_ptr& present) { self->state.connect(std::move(present)); },
    [self](next_atom, std::uint64_t number) { self->state.advance(self, number); },
  };
}

} // namespace lodge
