//  COLLECTION ── put, remove ──▶ WRITER ── one transaction ──▶ SQLite file
//  COMPACTOR ── chunk, publish ──▶ │ ── committed n ──▶ HOLDER
//                                  │ ── nudge ──▶ LOG SYNC
//      ◀──────── position ─────────┘  (in this order)

#include "actors/writer.hpp"

#include "actors/owed_answer.hpp"
#include "actors/validate.hpp"
#include "storage/filter.hpp"

#include <algorithm>
#include <chrono>
#ifdef LODGE_DEFECT_ANSWER_BEFORE_COMMIT
#include <thread>
#endif

namespace lodge {

namespace {

using self_pointer = writer_actor::stateful_pointer<writer_state>;

constexpr std::uint64_t rows_a_sweep = 2'000;
constexpr std::chrono::milliseconds turn_slice{50};
constexpr std::chrono::milliseconds pause_between_slices{1};
/// How long those wait for a turn who have no deadline of their own.
constexpr std::chrono::seconds turn_timeout{5};

/// How a request went, and who is told.
template <class Reply>
struct settlement {
  owed_answer<Reply> asker;
  std::optional<result<Reply>> outcome;
};

/// A job and the promise that it answers. `apply` gives the outcome as `result<Reply>`.
template <class Reply, class Apply>
writer_state::job make_job(caf::typed_response_promise<Reply> promise, Apply apply) {
  auto settled = std::make_shared<settlement<Reply>>(
    settlement<Reply>{owed_answer<Reply>{std::move(promise), errc::outcome_unknown}, std::nullopt});
  writer_state::job made;
  made.begin_until = caf::actor_clock::time_point::max();
  made.apply = [settled, apply = std::move(apply)](storage::writer& file) mutable { settled->outcome = apply(file); };
  made.answer = [settled](const error& whole) {
    // What failed by itself keeps its own reason, whatever befell the transaction later.
    if (whole && (!settled->outcome || *settled->outcome))
      settled->asker.deliver(whole);
    else
      settled->asker.deliver(*settled->outcome);
  };
  return made;
}

result<position> at_position(std::uint64_t file, const result<std::uint64_t>& number) {
  if (!number)
    return number.error();
  return position{file, *number};
}

void schedule(self_pointer self) {
  // The flush lands behind all that is queued already: what came in during a commit shares the next one.
  if (self->state.clients.size() + self->state.background.size() == 1)
    self->send(self, flush_atom_v);
}

template <class Reply, class Apply>
caf::result<Reply> client_job(self_pointer self, collection_id collection, deadline until, std::uint64_t bytes,
                              Apply apply) {
  auto& s = self->state;
  if (!s.file)
    return to_caf(s.refusal);
  if (bytes > s.options.max_waiting_bytes / 2)
    return to_caf({errc::too_large,
                   "one call carries at most " + std::to_string(s.options.max_waiting_bytes / 2) + " bytes, got "
                     + std::to_string(bytes)});
  if (s.clients.size() >= s.options.max_waiting_writes || s.waiting_bytes + bytes > s.options.max_waiting_bytes)
    return to_caf(
      {errc::overloaded,
       std::to_string(s.clients.size()) + " writes of " + std::to_string(s.waiting_bytes) + " bytes wait already"});
  auto promise = self->make_response_promise<Reply>();
  auto made = make_job<Reply>(promise, std::move(apply));
  made.bytes = bytes;
  made.begin_until = until.at;
  made.collection = collection;
  s.waiting_bytes += bytes;
  s.clients.push_back(std::move(made));
  schedule(self);
  return promise;
}

template <class Reply, class Apply>
caf::result<Reply> background_job(self_pointer self, collection_id collection, Apply apply) {
  if (!self->state.file)
    return to_caf(self->state.refusal);
  auto promise = self->make_response_promise<Reply>();
  auto made = make_job<Reply>(promise, std::move(apply));
  made.collection = collection;
  self->state.background.push_back(std::move(made));
  schedule(self);
  return promise;
}

result<bool> done(const result<void>& outcome) {
  if (!outcome)
    return outcome.error();
  return true;
}

} // namespace

void writer_state::flush(self_pointer self) {
  drop_late(self->clock().now());
  const auto has_turn = (clients.empty() || commit(self, clients)) && (background.empty() || commit_background(self));
  if (!has_turn)
    self->delayed_send(self, pause_between_slices, flush_atom_v);
  else if (!background.empty())
    self->send(self, flush_atom_v);
}

void writer_state::drop_late(caf::actor_clock::time_point now) {
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - busy_since.value_or(now));
  const error busy{errc::busy,
                   "other processes have been writing for " + std::to_string(waited.count()) + " ms; it was not done"};
  const error late{errc::deadline_exceeded, "the write waited longer than its time; it was not done"};
  std::erase_if(clients, [&](job& each) {
    if (each.begin_until >= now)
      return false;
    waiting_bytes -= each.bytes;
    each.answer(busy_since ? busy : late);
    return true;
  });
  if (waited >= turn_timeout)
    for (auto& each : std::exchange(background, {}))
      each.answer(busy);
  if (clients.empty() && background.empty())
    busy_since.reset();
}

void writer_state::hurry(caf::actor_clock::time_point until) {
  for (auto& each : clients)
    each.begin_until = std::min(each.begin_until, until);
}

bool writer_state::commit_background(self_pointer self) {
  std::vector<job> one;
  one.push_back(std::move(background.front()));
  const auto taken = commit(self, one);
  if (taken)
    background.pop_front();
  else
    background.front() = std::move(one.front());
  return taken;
}

bool writer_state::commit(self_pointer self, std::vector<job>& waiting) {
  error whole;
  if (auto begun = file->begin(storage::writer::clock::now() + turn_slice, undoing); !begun)
    whole = begun.error();
  if (whole.code == errc::busy) {
    busy_since = busy_since.value_or(self->clock().now());
    return false;
  }
  busy_since.reset();
  for (auto& each : waiting)
    if (!whole && file->in_transaction() && !file->is_spoiled())
      run(each);
  if (file->is_spoiled()) {
    file->roll_back();
    undoing = storage::undoing::one_request;
    return commit(self, waiting);
  }
  undoing = storage::undoing::nothing;
  auto jobs = std::exchange(waiting, {});
  for (const auto& each : jobs)
    waiting_bytes -= each.bytes;
#ifdef LODGE_DEFECT_ANSWER_BEFORE_COMMIT
  for (auto& each : jobs)
    each.answer(whole);
  std::this_thread::sleep_for(std::chrono::milliseconds{3});
#endif
  if (!whole) {
    if (auto committed = file->commit()) {
      number = *committed;
      tell_committed(self, jobs);
    } else {
      whole = committed.error();
    }
  }
#ifndef LODGE_DEFECT_ANSWER_BEFORE_COMMIT
  for (auto& each : jobs)
    each.answer(whole);
#endif
  // A checkpoint that fails leaves everything in the WAL; the next one tries again.
  if (!whole)
    file->checkpoint_if_grown().ignore();
  return true;
}

void writer_state::run(job& each) {
  const auto before = file->number();
  each.apply(*file);
  each.number = file->number() > before ? file->number() : 0;
}

void writer_state::look_up_number(storage::writer::clock::time_point until) {
  if (!file->begin(until))
    return;
  number = file->number();
  file->roll_back();
}

void writer_state::tell_committed(self_pointer self, const std::vector<job>& jobs) {
  std::map<collection_id, std::uint64_t> last_change;
  for (const auto& each : jobs)
    last_change[each.collection] = std::max(last_change[each.collection], each.number);
  for (const auto& [collection, last] : last_change)
    if (const auto found = listeners.find(collection); found != listeners.end() && last > 0)
      tell(self, found->second, last);
  if (log_sync)
    self->send(log_sync, nudge_atom_v);
}

void writer_state::attach(self_pointer self, collection_id id, holder_actor holder) {
  self->monitor(holder);
  auto& who = listeners[id] = {std::move(holder)};
  tell(self, who, 0);
}

/// The message is there before the lease ends: whoever sees its end, and asks, is answered with this change.
void writer_state::tell(self_pointer self, listener& who, std::uint64_t committed) {
  auto next = std::make_shared<const lease>();
  self->send(who.holder, committed_atom_v, committed, lease_watch{next});
  who.lease = std::move(next);
}

writer_actor::behavior_type writer(self_pointer self, std::string path, database_options options,
                                   std::map<collection_id, holder_actor> holders, log_sync_actor log_sync) {
  auto& state = self->state;
  state.log_sync = std::move(log_sync);
  state.options = options;
  for (auto& [id, holder] : holders)
    state.attach(self, id, std::move(holder));
  if (options.read_only)
    state.refusal = {errc::read_only, path + " was opened for reading only; nothing was done"};
  else if (auto opened = storage::writer::open(path)) {
    state.file = *std::move(opened);
  } else {
    self->quit(to_caf(opened.error()));
    return writer_actor::behavior_type::make_empty_behavior();
  }
  const auto file_id = state.file ? state.file->identity() : 0;
  self->set_down_handler([self](const caf::down_msg& message) {
    std::erase_if(self->state.listeners, [&](const auto& x) { return x.second.holder.address() == message.source; });
  });
  self->set_exit_handler([self](caf::exit_msg& message) {
    // Whoever waits gets a word: what was not begun is not done.
    for (auto& each : self->state.clients)
      each.answer({errc::closed, "the database was closed; the write was not done"});
    for (auto& each : self->state.background)
      each.answer({errc::closed, "the database was closed"});
    self->quit(message.reason);
  });
  return {
    [self, file_id](put_atom, collection_id id, deadline until, put_request& request) -> caf::result<position> {
      const auto bytes = bytes_of(request);
      return client_job<position>(self, id, until, bytes, [=, request = std::move(request)](storage::writer& file) {
        return at_position(file_id,
                           request.expected ? file.put_if(id, request.items.front(), *request.expected)
                                            : file.put(id, request.items));
      });
    },
    [self, file_id](metadata_atom, collection_id id, deadline until,
                    metadata_request& request) -> caf::result<position> {
      const auto bytes = request.key.size() + request.metadata.size();
      return client_job<position>(self, id, until, bytes, [=, request = std::move(request)](storage::writer& file) {
        return at_position(file_id, file.update_metadata(id, request.key, request.metadata));
      });
    },
    [self, file_id](remove_atom, collection_id id, deadline until, remove_request& request) -> caf::result<removal> {
      std::uint64_t bytes = 0;
      for (const auto& key : request.keys)
        bytes += key.size();
      return client_job<removal>(self, id, until, bytes,
                                 [=, request = std::move(request)](storage::writer& file) -> result<removal> {
                                   auto removed = file.remove(id, request.keys);
                                   if (removed)
                                     removed->at.file = file_id;
                                   return removed;
                                 });
    },
    [self, file_id](remove_atom, collection_id id, deadline until,
                    remove_matching_request& request) -> caf::result<removal> {
      auto wanted = storage::filter::parse(request.filter);
      if (!wanted)
        return to_caf(wanted.error());
      return client_job<removal>(self, id, until, request.filter.size(),
                                 [=, wanted = *std::move(wanted)](storage::writer& file) -> result<removal> {
                                   auto removed = file.remove_matching(id, wanted);
                                   if (removed)
                                     removed->at.file = file_id;
                                   return removed;
                                 });
    },
    [self](open_atom, collection_info& info) -> caf::result<storage::collection_row> {
      return background_job<storage::collection_row>(
        self, 0, [info = std::move(info)](storage::writer& file) { return file.open_collection(info); });
    },
    [self, file_id](drop_atom, std::string& name) -> caf::result<position> {
      return background_job<position>(self, 0, [=, name = std::move(name)](storage::writer& file) {
        return at_position(file_id, file.drop_collection(name));
      });
    },
    [self](segment_atom) -> caf::result<std::uint64_t> {
      return background_job<std::uint64_t>(self, 0, [](storage::writer& file) { return file.new_segment(); });
    },
    [self](chunk_atom, storage::chunk& part) -> caf::result<bool> {
      return background_job<bool>(
        self, 0, [part = std::move(part)](storage::writer& file) { return done(file.add_chunk(part)); });
    },
    [self](publish_atom, collection_id id, storage::manifest& next) -> caf::result<std::uint64_t> {
      return background_job<std::uint64_t>(
        self, id, [id, next = std::move(next)](storage::writer& file) { return file.publish(id, next); });
    },
    [self](forget_atom, collection_id id) -> caf::result<bool> {
      return background_job<bool>(self, 0, [id](storage::writer& file) { return done(file.forget_history(id)); });
    },
    [self](sweep_atom) -> caf::result<bool> {
      return background_job<bool>(self, 0, [](storage::writer& file) { return file.sweep(rows_a_sweep); });
    },
    [self](attach_atom, collection_id id, holder_actor& holder) -> bool {
      self->state.attach(self, id, std::move(holder));
      return true;
    },
    [self](connect_atom, log_sync_actor& present) { self->state.log_sync = std::move(present); },
    [self](flush_atom) { self->state.flush(self); },
    [self, file_id](close_atom, deadline until) -> position {
      auto& s = self->state;
      if (!s.file)
        return {file_id, s.number};
      const auto last_turn = storage::writer::clock::now() + (until.at - self->clock().now());
      s.hurry(until.at);
      while (!s.clients.empty() || !s.background.empty())
        s.flush(self);
      s.look_up_number(last_turn);
      // What stays in the WAL is read from there.
      s.file->checkpoint_all(last_turn).ignore();
      // WATCHER is to end, and waits for a ring.
      s.file->ring();
      // From here on the answer is `closed`, until DATABASE ends this actor.
      s.file.reset();
      s.refusal = {errc::closed, "the database was closed; the write was not done"};
      return {file_id, s.number};
    },
  };
}

} // namespace lodge
