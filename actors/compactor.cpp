//  INDEX HOLDER ── grew ──▶ COMPACTOR ── segment, chunks, publish ──▶ WRITER
//  COLLECTION ── compact ──▶   ▲  │
//                       SQLite file └── published base ──▶ INDEX HOLDER

#include "actors/compactor.hpp"

#include "actors/caf_errors.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace lodge {

namespace {

constexpr std::size_t chunk_bytes = 1 << 20;
constexpr std::uint64_t longest_delay_factor = 100;

compaction_report report_of(std::uint64_t file_id, const storage::manifest& base) {
  compaction_report made{{file_id, base.watermark}, 0, base.version > 0};
  for (const auto& segment : base.segments)
    made.vectors += segment.vectors;
  return made;
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

void compactor_state::want(self_pointer self, collection_id id, bool rebuild) {
  if (read_only)
    return;
  auto& order = orders[id];
  order.wanted = true;
  order.rebuild = order.rebuild || rebuild;
  if (!current) {
    order.stats.state = "waiting";
    self->send(self, next_atom_v, std::uint64_t{0});
  }
}

void compactor_state::advance(self_pointer self, std::uint64_t number) {
  if (current && current->number == number)
    build(self);
  else if (!current)
    begin(self);
}

void compactor_state::begin(self_pointer self) {
  const auto wanted = std::ranges::find_if(orders, [](const auto& x) { return x.second.wanted; });
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
    current->rebuild = std::exchange(order.rebuild, false);
    current->askers = std::exchange(order.askers, {});
    order.wanted = false;
    order.stats.state = "sweeping";
  }
  sweep_wanted = false;
  // Another process may be compacting: its result is as good as ours, and ours is built on it.
  if (auto role = locks->take_compaction_role(); !role)
    return fail(self, role.error());
  sweep(self, current->collection == 0 ? &compactor_state::finish : &compactor_state::next);
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

void compactor_state::build(self_pointer self) {
  auto& run = *current;
  if (!run.build) {
    const auto distance = file->distance_to_base(run.collection);
    if (!distance)
      return fail(self, distance.error());
    if (distance->changes == 0 && distance->version > 0 && !run.rebuild) {
      // Its version stays 0: nothing is published.
      run.manifest.watermark = distance->watermark;
      run.manifest.segments = {{0, distance->vectors, 0, 0}};
      return forget_history(self);
    }
    run.build = std::make_unique<compaction_run>(path, run.collection);
  }
  if (auto stepped = run.build->step(); !stepped)
    return fail(self, stepped.error());
  orders[run.collection].stats.state = run.build->progress();
  if (!run.build->done())
    return next(self);
  run.manifest = run.build->manifest();
  orders[run.collection].stats.state = "writing";
  if (run.manifest.segments.empty())
    publish(self);
  else
    write_segment(self);
}

void compactor_state::write_segment(self_pointer self) {
  ask_writer<std::uint64_t>(
    self,
    [self](compactor_state& s, std::uint64_t id) {
      auto& record = s.current->manifest.segments.front();
      record.id = id;
      record.chunks = (record.bytes + chunk_bytes - 1) / chunk_bytes;
      s.write_chunk(self);
    },
    segment_atom_v);
}

void compactor_state::write_chunk(self_pointer self) {
  auto& run = *current;
  const auto& record = run.manifest.segments.front();
  if (run.chunks_written == record.chunks)
    return publish(self);
  const auto bytes = std::span{run.build->bytes()}.subspan(run.chunks_written * chunk_bytes);
  const auto part = bytes.first(std::min(bytes.size(), chunk_bytes));
  storage::chunk made{run.collection, record.id, run.chunks_written, {part.begin(), part.end()}};
  ask_writer<bool>(
    self,
    [self](compactor_state& s, bool) {
      ++s.current->chunks_written;
      s.write_chunk(self);
    },
    chunk_atom_v, std::move(made));
}

void compactor_state::publish(self_pointer self) {
  ask_writer<std::uint64_t>(
    self,
    [self](compactor_state& s, std::uint64_t) {
      auto& run = *s.current;
      published_base base{run.manifest.watermark, {}};
      if (!run.manifest.segments.empty()) {
        base.segments.push_back(run.build->segment());
        base.segments.front().id = run.manifest.segments.front().id;
      }
      auto& order = s.orders[run.collection];
      ++order.stats.compactions;
      if (order.holder)
        self->send(order.holder, adopt_atom_v,
                   published_base_ptr{std::make_shared<const published_base>(std::move(base))});
      run.build.reset();
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

void compactor_state::finish(self_pointer self) {
  locks->end_compaction_role();
  auto ended = *std::exchange(current, std::nullopt);
  if (ended.collection != 0) {
    auto& order = orders[ended.collection];
    order.failures = 0;
    order.stats.state = order.wanted ? "waiting" : "idle";
    order.stats.last_error.clear();
  }
  for (auto& each : ended.askers)
    each.deliver(report_of(file_id, ended.manifest));
  self->send(self, next_atom_v, std::uint64_t{0});
}

void compactor_state::fail(self_pointer self, const error& why) {
  locks->end_compaction_role();
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
    order.rebuild = order.rebuild || ended.rebuild;
    order.stats.last_error = to_string(why);
    order.stats.state = "waiting";
    if (why.code == errc::busy)
      // Another process has the role, which it may give back at any time.
      self->delayed_send(self, 2 * retry_delay, grew_atom_v, ended.collection, false);
    else
      retry_later(self, ended.collection);
  }
  self->send(self, next_atom_v, std::uint64_t{0});
}

void compactor_state::retry_later(self_pointer self, collection_id id) {
  auto& order = orders[id];
  const auto factor = std::min(std::uint64_t{1} << std::min<std::uint64_t>(order.failures++, 7), longest_delay_factor);
  self->delayed_send(self, retry_delay * factor, grew_atom_v, id, false);
}

compactor_stats compactor_state::stats_of(collection_id id) const {
  const auto found = orders.find(id);
  return found == orders.end() ? compactor_stats{} : found->second.stats;
}

/// A holder ended: its collection was dropped, or gets a new one.
void compactor_state::forget(const caf::actor_addr& holder) {
  for (auto& [id, order] : orders)
    if (order.holder && order.holder.address() == holder)
      order.holder = nullptr;
  std::erase_if(orders, [&](const auto& x) {
    return !x.second.holder && !x.second.wanted && x.second.askers.empty()
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
  // On Linux this is the nice value of this thread alone. Not 19: beside two busy compilers a core that left 1 % of a
  // core, and at 10 a compaction of two seconds took a minute.
  if (options.run_mode == run_mode::threads)
    setpriority(PRIO_PROCESS, 0, 5);
  self->state.path = std::move(path);
  self->state.retry_delay = options.restart_delay;
  self->state.file_id = (*opened)->identity();
  self->state.file = *std::move(opened);
  self->state.locks = *std::move(locks);
  self->set_down_handler([self](const caf::down_msg& message) { self->state.forget(message.source); });
  self->set_exit_handler([self](caf::exit_msg& message) {
    self->state.stop({errc::closed, "the database was closed during the compaction"});
    self->quit(message.reason);
  });
  return {
    [self](compact_atom, collection_id id) -> caf::result<compaction_report> {
      if (self->state.read_only)
        return to_caf({errc::read_only, self->state.path + " was opened for reading only; nothing was compacted"});
      auto promise = self->make_response_promise<compaction_report>();
      self->state.orders[id].askers.emplace_back(promise, errc::unavailable);
      self->state.want(self, id, false);
      return promise;
    },
    [self](grew_atom, collection_id id, bool rebuild) { self->state.want(self, id, rebuild); },
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
    [self](connect_atom, crew_ptr& present) { self->state.connect(std::move(present)); },
    [self](next_atom, std::uint64_t number) { self->state.advance(self, number); },
  };
}

} // namespace lodge
