//  INDEX HOLDER ── grew ─────▶ COMPACTOR ── a run ──▶ compactor_run.cpp
//  COLLECTION ── compact ──▶

#include "actors/compactor.hpp"

#include "actors/caf_errors.hpp"
#include "actors/compaction_threshold.hpp"
#include "actors/low_priority.hpp"
#include "actors/spawn.hpp"

#include <algorithm>
#include <thread>

namespace lodge {

namespace {

constexpr std::uint64_t longest_delay_factor = 100;

} // namespace

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
  if (read_only || threshold.changes == 0 || threshold.idle.count() <= 0)
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
  self->set_exception_handler(end_quietly);
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
