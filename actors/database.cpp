//  user ── open, drop, close ──▶ DATABASE ── spawns, connects, starts again, stops ──▶ every part
//                                   ▲
//                                   └── down ── the part that failed

#include "actors/database.hpp"

#include "actors/backup_task.hpp"
#include "actors/caf_errors.hpp"
#include "actors/collection.hpp"
#include "actors/compactor.hpp"
#include "actors/index_holder.hpp"
#include "actors/log_sync.hpp"
#include "actors/matcher.hpp"
#include "actors/searcher.hpp"
#include "actors/spawn.hpp"
#include "actors/validate.hpp"
#include "actors/watcher.hpp"
#include "actors/writer.hpp"
#include "storage/file_system.hpp"
#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/writer.hpp"

#include <algorithm>
#include <thread>

namespace lodge {

namespace {

constexpr std::uint64_t writer_part = 0;
constexpr std::uint64_t log_sync_part = 1;
constexpr std::uint64_t compactor_part = 2;
constexpr std::uint64_t watcher_part = 3;
constexpr std::uint64_t matcher_part = 4;
constexpr std::uint64_t first_searcher_part = 5;
/// Above any number of searchers.
constexpr std::uint64_t first_holder_part = 1 << 20;
constexpr unsigned longest_delay_factor = 100;
constexpr std::chrono::seconds longest_close{5};
constexpr std::chrono::seconds longest_last_publishing{2};

error closed_error() { return {errc::closed, "the database was closed"}; }

} // namespace

std::size_t searchers_of(const database_options& options) {
  return options.searchers > 0 ? options.searchers : std::max(1U, std::thread::hardware_concurrency());
}

void database_state::start_all(self_pointer self) {
  members->searchers.resize(searchers_of(options));
  for (std::uint64_t number = 0; number < first_searcher_part + members->searchers.size(); ++number)
    start(self, number);
}

void database_state::start(self_pointer self, std::uint64_t number) {
  if (number < matcher_part && !has_thread_to_give(options.run_mode)) {
    parts[number].runs = false;
    self->delayed_send(self, options.restart_delay * longest_delay_factor, restart_atom_v, number);
    return;
  }
  // What others hold of the former crew stays as it is.
  members = std::make_shared<crew>(*members);
  if (number == writer_part) {
    std::map<collection_id, holder_actor> holders;
    for (auto& [name_, each] : collections) {
      holders[each.row.id] = each.holder;
      each.attached = true;
    }
    members->writer =
      spawn_blocking(options.run_mode, *self, writer, path, options, std::move(holders), members->log_sync);
    watch(self, number, members->writer.address());
  } else if (number == log_sync_part) {
    members->log_sync = spawn_blocking(options.run_mode, *self, log_sync, path);
    watch(self, number, members->log_sync.address());
    self->send(members->writer, connect_atom_v, members->log_sync);
    if (watcher)
      self->send(watcher, connect_atom_v, members->log_sync);
  } else if (number == compactor_part) {
    members->compactor = spawn_blocking(options.run_mode, *self, compactor, path, options);
    watch(self, number, members->compactor.address());
    for (const auto& [name_, each] : collections)
      self->send(members->compactor, attach_atom_v, each.row.id, each.holder);
  } else if (number == watcher_part) {
    if (options.poll_interval.count() <= 0)
      return;
    watcher = spawn_blocking(options.run_mode, *self, lodge::watcher, path, options.poll_interval,
                             options.run_mode == run_mode::threads);
    watch(self, number, watcher.address());
    self->send(watcher, connect_atom_v, members->log_sync);
  } else if (number == matcher_part) {
    members->matcher = self->spawn(matcher, path, file_id);
    watch(self, number, members->matcher.address());
    for (const auto& each : members->searchers)
      if (each)
        self->send(each, connect_atom_v, members->matcher);
  } else if (number < first_holder_part) {
    auto& place = members->searchers.at(number - first_searcher_part);
    place = self->spawn(searcher, path);
    watch(self, number, place.address());
    self->send(place, connect_atom_v, members->matcher);
  } else {
    for (auto& [name_, each] : collections)
      if (first_holder_part + each.row.id == number)
        start_holder(self, each);
  }
  tell_members(self);
}

void database_state::watch(self_pointer self, std::uint64_t number, caf::actor_addr address) {
  self->monitor(address);
  parts[number].address = std::move(address);
  parts[number].started = self->clock().now();
  parts[number].runs = true;
}

void database_state::tell_members(self_pointer self) {
  self->send(members->compactor, connect_atom_v, crew_ptr{members});
  for (auto& [name_, each] : collections)
    connect(self, each);
}

void database_state::connect(self_pointer self, opened& which) {
  if (!which.attached)
    return;
  self->send(which.holder, connect_atom_v, crew_ptr{members});
  self->send(which.actor, connect_atom_v, crew_ptr{members}, which.holder);
  for (auto& promise : std::exchange(which.waiting, {}))
    promise->deliver(collection_actor{which.actor});
}

/// The holder serves once WRITER has its name: no commit that it must know of is answered before.
void database_state::start_holder(self_pointer self, opened& which) {
  const auto id = which.row.id;
  which.holder = self->spawn(index_holder, holder_options{path, file_id, which.row, options});
  which.attached = false;
  watch(self, first_holder_part + id, which.holder.address());
  self->send(members->compactor, attach_atom_v, id, which.holder);
  self->request(members->writer, caf::infinite, attach_atom_v, id, which.holder)
    .then(
      [self, id, holder = which.holder](bool) {
        for (auto& [name_, each] : self->state.collections)
          if (each.row.id == id && each.holder == holder) {
            each.attached = true;
            self->state.connect(self, each);
          }
      },
      // A new WRITER is told of all holders at its birth.
      [](caf::error&) {});
}

caf::result<collection_actor> database_state::open(self_pointer self, open_request& request) {
  if (auto checked = check_name(request.name); !checked)
    return to_caf(checked.error());
  if (closing)
    return to_caf(closed_error());
  auto asker = self->make_response_promise<collection_actor>();
  auto promise = std::make_shared<owed_answer<collection_actor>>(asker, errc::closed);
  auto fail = [promise](const caf::error& failure) { promise->deliver(from_caf(failure)); };
  // The file says what lives: another process may have dropped a collection, and made another of its name.
  const auto known = collections.find(request.name);
  const auto known_id = known == collections.end() ? 0 : known->second.row.id;
  self->request(members->searchers.front(), caf::infinite, list_atom_v)
    .then(
      [self, fail, promise, request, known_id](const std::vector<storage::collection_row>& rows) {
        auto& s = self->state;
        const auto present = std::ranges::find(rows, request.name, [](const auto& row) { return row.info.name; });
        if (present == rows.end() || present->id != known_id)
          s.forget_dropped(self, request.name, known_id, [] {});
        if (present != rows.end())
          return s.found(self, request, *present, promise);
        if (s.options.read_only)
          return promise->deliver({errc::collection_not_found, "there is no collection '" + request.name + "'"});
        auto info = complete(request.name, request.options);
        if (!info)
          return promise->deliver(info.error());
        self->request(s.members->writer, caf::infinite, open_atom_v, *std::move(info))
          .then([self, promise,
                 request](const storage::collection_row& row) { self->state.found(self, request, row, promise); },
                fail);
      },
      fail);
  return asker;
}

/// @param then Called when nobody can search it any more.
void database_state::forget_dropped(self_pointer self, const std::string& name_, std::uint64_t id,
                                    std::function<void()> then) {
  const auto which = collections.find(name_);
  if (which == collections.end() || which->second.row.id != id)
    return then();
  const error why{errc::collection_dropped, "'" + name_ + "' was dropped"};
  // Searches that the collection has handed on reach the holder before it is told to end.
  self->request(which->second.actor, caf::infinite, close_atom_v, bad_news{why})
    .then([=, holder = which->second.holder](bool) {
      self->request(holder, caf::infinite, close_atom_v, bad_news{why})
        .then([then](bool) { then(); }, [then](const caf::error&) { then(); });
    });
  for (auto& promise : which->second.waiting)
    promise->deliver(why);
  parts.erase(first_holder_part + id);
  collections.erase(which);
}

/// The collection is in the file; two may have asked for it at once.
void database_state::found(self_pointer self, const open_request& request, const storage::collection_row& row,
                           open_promise promise) {
  // Nothing starts any more: nobody would stop it.
  if (closing)
    return promise->deliver(closed_error());
  if (auto checked = check_options(row.info, request.options); !checked)
    return promise->deliver(checked.error());
  const auto [present, is_new] = collections.try_emplace(request.name);
  if (is_new) {
    present->second = {row, self->spawn(collection, row), {}, false, {}};
    start_holder(self, present->second);
  }
  if (present->second.attached)
    promise->deliver(collection_actor{present->second.actor});
  else
    present->second.waiting.push_back(std::move(promise));
}

caf::result<position> database_state::drop(self_pointer self, std::string& name_) {
  auto asker = self->make_response_promise<position>();
  auto promise = std::make_shared<owed_answer<position>>(asker, errc::outcome_unknown);
  self->request(members->writer, caf::infinite, drop_atom_v, name_)
    .then(
      [self, promise, name_](const position& at) {
        auto& s = self->state;
        const auto which = s.collections.find(name_);
        s.forget_dropped(self, name_, which == s.collections.end() ? 0 : which->second.row.id,
                         [promise, at] { promise->deliver(at); });
        self->send(s.members->compactor, sweep_atom_v);
      },
      [promise](const caf::error& failure) { promise->deliver(from_caf(failure)); });
  return asker;
}

caf::result<position> database_state::backup(self_pointer self, std::string& target) {
  return self->delegate(spawn_blocking(options.run_mode, *self, backup_task, path), backup_atom_v, std::move(target));
}

caf::result<position> database_state::close(self_pointer self) {
  auto promise = self->make_response_promise<position>();
  if (closing) {
    also_closing.push_back(promise);
    return promise;
  }
  closing = promise;
  close_until = {self->clock().now() + longest_close};
  // It ends with the ring of the closing WRITER.
  if (watcher)
    self->send_exit(watcher, caf::exit_reason::user_shutdown);
  for (auto& [name_, each] : collections) {
    for (auto& waiting : std::exchange(each.waiting, {}))
      waiting->deliver(closed_error());
    ++open_doors;
    const auto shut = [self] {
      if (--self->state.open_doors == 0)
        self->state.publish_last(self);
    };
    self->request(each.actor, caf::infinite, close_atom_v, bad_news{closed_error()})
      .then([shut](bool) { shut(); }, [shut](const caf::error&) { shut(); });
  }
  if (open_doors == 0)
    publish_last(self);
  return promise;
}

/// COMPACTOR may still ask WRITER for something, so it ends before WRITER, which commits what it accepted.
void database_state::publish_last(self_pointer self) {
  const auto go_on = [self] {
    self->send_exit(self->state.members->compactor, caf::exit_reason::user_shutdown);
    self->state.close_writer(self, true);
  };
  self->request(members->compactor, longest_last_publishing, close_atom_v)
    .then([go_on](bool) { go_on(); }, [go_on](const caf::error&) { go_on(); });
}

/// One that was to be started again is started now: only it can tell the last position.
void database_state::close_writer(self_pointer self, bool may_start) {
  self->request(members->writer, caf::infinite, close_atom_v, close_until)
    .then(
      [self](const position& at) {
        self->state.last = {self->state.file_id, at.number};
        self->state.stop_parts(self);
      },
      [self, may_start](caf::error&) {
        if (!may_start)
          return self->state.stop_parts(self);
        self->state.start(self, writer_part);
        self->state.close_writer(self, false);
      });
}

void database_state::stop_parts(self_pointer self) {
  self->send_exit(members->log_sync, caf::exit_reason::user_shutdown);
  for (const auto& [name_, each] : collections)
    self->request(each.holder, caf::infinite, close_atom_v, bad_news{closed_error()})
      .then([](bool) {}, [](const caf::error&) {});
  self->send_exit(members->matcher, caf::exit_reason::user_shutdown);
  for (const auto& each : members->searchers)
    self->send_exit(each, caf::exit_reason::user_shutdown);
  self->send_exit(members->writer, caf::exit_reason::user_shutdown);
  end_if_all_ended(self);
}

void database_state::end_if_all_ended(self_pointer self) {
  if (std::ranges::any_of(parts, [](const auto& x) { return x.second.runs; }))
    return;
  closing->deliver(last);
  for (auto& each : also_closing)
    each.deliver(to_caf(closed_error()));
  self->quit(caf::exit_reason::user_shutdown);
}

void database_state::part_ended(self_pointer self, const caf::down_msg& message) {
  const auto ended = std::ranges::find(parts, message.source, [](const auto& x) { return x.second.address; });
  if (ended == parts.end())
    return;
  auto& [number, what] = *ended;
  what.runs = false;
  if (closing)
    return end_if_all_ended(self);
  // One that ran well for long starts at once with the shortest pause again.
  const auto longest = options.restart_delay * longest_delay_factor;
  if (self->clock().now() - what.started > 2 * longest)
    what.failures = 0;
  const auto factor = std::min(1U << std::min(what.failures++, 7U), longest_delay_factor);
  self->delayed_send(self, options.restart_delay * factor, restart_atom_v, number);
}

database_inside_actor::behavior_type database(database_state::self_pointer self, std::string path,
                                              database_options options, std::uint64_t file_id,
                                              std::shared_ptr<const storage::fork_mark> mark) {
  self->state.path = std::move(path);
  self->state.options = options;
  self->state.file_id = file_id;
  self->state.mark = std::move(mark);
  self->set_down_handler([self](caf::down_msg& message) { self->state.part_ended(self, message); });
  self->state.start_all(self);
  return {
    [self](open_atom, open_request& request) -> caf::result<collection_actor> {
      return self->state.open(self, request);
    },
    [self](list_atom) -> caf::result<std::vector<collection_info>> {
      auto asker = self->make_response_promise<std::vector<collection_info>>();
      auto promise = std::make_shared<owed_answer<std::vector<collection_info>>>(asker, errc::closed);
      self->request(self->state.members->searchers.front(), caf::infinite, list_atom_v)
        .then(
          [promise](const std::vector<storage::collection_row>& rows) {
            std::vector<collection_info> infos;
            for (const auto& row : rows)
              infos.push_back(row.info);
            promise->deliver(std::move(infos));
          },
          [promise](const caf::error& failure) { promise->deliver(from_caf(failure)); });
      return asker;
    },
    [self](drop_atom, std::string& name) -> caf::result<position> { return self->state.drop(self, name); },
    [self](backup_atom, std::string& target) -> caf::result<position> { return self->state.backup(self, target); },
    [self](close_atom) -> caf::result<position> { return self->state.close(self); },
    [self](restart_atom, std::uint64_t number) {
      if (!self->state.closing && self->state.parts.contains(number))
        self->state.start(self, number);
    },
    [self](connect_atom) -> crew_ptr { return self->state.members; },
  };
}

result<database_actor> open_database(caf::actor_system& system, const std::string& path,
                                     const database_options& options) {
  if (auto checked = check_options(options); !checked)
    return checked.error();
  auto resolved = storage::resolve(path);
  if (!resolved)
    return resolved.error();
  if (!options.allow_network_file_system)
    if (auto local = storage::require_local(*resolved); !local)
      return local.error();
  auto mark = storage::fork_mark::open(*resolved);
  if (!mark)
    return mark.error();
  auto file_id = options.read_only ? storage::judge_file(*resolved) : storage::prepare_file(*resolved, options.create);
  if (!file_id)
    return file_id.error();
  // Tables that are not those of the format are told of here, and not by parts that cannot start.
  if (auto tables = storage::reader::open(*resolved); !tables)
    return tables.error();
  if (!options.read_only)
    if (auto tables = storage::writer::open(*resolved); !tables)
      return tables.error();
  // A sidecar that was only just made is marked now.
  if (mark = storage::fork_mark::open(*resolved); !mark)
    return mark.error();
  return database_actor{
    system.spawn(database, *resolved, options, *file_id, std::shared_ptr<const storage::fork_mark>{*std::move(mark)})};
}

} // namespace lodge
