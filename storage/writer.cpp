#include "storage/writer.hpp"

#include "storage/checksum.hpp"
#include "storage/newest_number.hpp"
#include "storage/schema.hpp"
#include "storage/writer_state.hpp"

#include <algorithm>
#include <utility>

namespace lodge::storage {

namespace {

/// 64 MiB. Readers that overlap without a gap keep an ordinary checkpoint from ever letting the WAL begin anew; from
/// here on writers wait for them.
constexpr int wal_pages_before_restart = 16'384;
constexpr int restart_attempts = 20;
constexpr std::chrono::milliseconds restart_wait{10};
constexpr std::chrono::milliseconds checkpoint_turn{50};

} // namespace

writer::state::state(const std::string& path) : on(path, access::read_write) {
  on.run("PRAGMA secure_delete = OFF");
  identity = static_cast<std::uint64_t>(on.ask("SELECT identity FROM file"));
}

void writer::state::log(std::uint64_t at, collection_id collection, entry_kind kind) {
  insert_pending.with(at, collection, static_cast<std::uint64_t>(kind)).run();
}

void writer::state::log_death(std::uint64_t at, collection_id collection, std::uint64_t label) {
  insert_deletion.with(at, collection, label).run();
}

void writer::state::require_living(collection_id collection) {
  const scope_reset at_end{collection_lives};
  if (!collection_lives.with(collection).step())
    throw failure{errc::collection_dropped, "the collection was dropped"};
}

writer::writer(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
writer::~writer() {
  if (in_transaction())
    roll_back();
}

result<std::unique_ptr<writer>> writer::open(const std::string& path) {
  return guarded([&]() -> std::unique_ptr<writer> {
    auto opened = std::make_unique<state>(path);
    auto locks = sidecar::open(path);
    if (!locks)
      throw failure{locks.error()};
    opened->locks = *std::move(locks);
    return std::unique_ptr<writer>{new writer{std::move(opened)}};
  });
}

void writer::state::require_unspoiled() const {
  if (is_spoiled)
    throw failure{errc::internal, "an earlier request of the transaction was done by half"};
}

void writer::state::begin_request() {
  if (undoes == undoing::one_request)
    savepoint.run();
}

void writer::state::end_request() {
  if (undoes == undoing::one_request)
    release.run();
}

void writer::state::undo_request(std::int64_t changes_before) {
  // After some failures SQLite has rolled back everything by itself, the savepoint with it.
  if (!on.in_transaction())
    return;
  if (undoes == undoing::nothing) {
    is_spoiled = on.changes_so_far() != changes_before;
    return;
  }
  roll_back_to.run();
  release.run();
}

std::uint64_t writer::identity() const { return state_->identity; }

bool writer::in_transaction() const { return state_->on.in_transaction(); }

bool writer::is_spoiled() const { return state_->is_spoiled && in_transaction(); }

std::uint64_t writer::number() const { return state_->number; }

result<void> writer::begin(clock::time_point deadline, undoing how) {
  if (auto turn = state_->locks->take_writers_turn(deadline); !turn)
    return turn;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
  state_->on.wait_for_strangers(std::clamp(left, std::chrono::milliseconds{1}, connection::stranger_timeout));
  auto begun = guarded([&] {
    state_->on.run("BEGIN IMMEDIATE");
    require_known_format(state_->on);
    state_->number = newest_number(state_->last_number);
    state_->number_at_begin = state_->number;
    state_->counts.clear();
    state_->undoes = how;
    state_->is_spoiled = false;
  });
  state_->on.wait_for_strangers(connection::stranger_timeout);
  if (!begun)
    roll_back();
  return begun;
}

result<std::uint64_t> writer::commit() {
  auto& s = *state_;
  bool sync_failed = false;
  auto committed = guarded([&] {
    try {
      if (!s.on.in_transaction())
        throw failure{errc::io_error, "SQLite gave the transaction up"};
      s.require_unspoiled();
      for (const auto& [collection, change] : s.counts)
        s.save_counts
          .with(static_cast<std::uint64_t>(change.items), static_cast<std::uint64_t>(change.vectors), collection)
          .run();
      if (s.number != s.number_at_begin)
        s.save_number.with(s.number).run();
      s.on.run("COMMIT");
    } catch (const failure& caught) {
      sync_failed = caught.sync_failed;
      throw;
    }
    return s.number;
  });
  if (!committed) {
    roll_back();
  } else {
    s.locks->end_writers_turn();
    s.locks->ring();
  }
  if (sync_failed)
    return error{errc::outcome_unknown, committed.error().detail};
  return committed;
}

void writer::roll_back() {
  // After some failures there is nothing left to roll back.
  if (state_->on.in_transaction())
    guarded([&] { state_->on.run("ROLLBACK"); }).ignore();
  state_->dead_row_sweeps.clear();
  state_->locks->end_writers_turn();
}

void writer::ring() const { state_->locks->ring(); }

template <class Function>
result<void> writer::state::in_a_turn(clock::time_point deadline, Function function) {
  if (auto turn = locks->take_writers_turn(deadline); !turn)
    return turn;
  auto done = guarded(function);
  on.wait_for_strangers(connection::stranger_timeout);
  locks->end_writers_turn();
  return done;
}

void writer::state::restart_wal() {
  // A call looks once where the readers are and waits for them to end, while others come and take the same places. So
  // short waits, each with a fresh look.
  on.wait_for_strangers(restart_wait);
  for (int attempt = 0; attempt < restart_attempts; ++attempt)
    if (on.ask("PRAGMA wal_checkpoint(RESTART)") == 0)
      return;
}

void writer::state::checkpoint(int pages) {
  if (pages < wal_pages_before_restart) {
    on.ask("PRAGMA wal_checkpoint(PASSIVE)");
    next_checkpoint = pages + wal_pages_before_checkpoint;
  } else {
    restart_wal();
    next_checkpoint = pages + wal_pages_before_restart / 4;
  }
}

result<void> writer::checkpoint_if_grown() {
  auto& s = *state_;
  const auto pages = s.on.wal_pages();
  // It has begun anew.
  if (pages < std::exchange(s.wal_pages_seen, pages))
    s.next_checkpoint = state::wal_pages_before_checkpoint;
  if (pages < s.next_checkpoint)
    return {};
  return s.in_a_turn(clock::now() + checkpoint_turn, [&] { s.checkpoint(pages); });
}

result<void> writer::checkpoint_all(clock::time_point deadline) {
  auto& s = *state_;
  return s.in_a_turn(deadline, [&] {
    // A reader that is under way keeps the WAL from being cut short, which is no reason to wait long.
    s.on.wait_for_strangers(std::chrono::milliseconds{100});
    s.on.ask("PRAGMA wal_checkpoint(TRUNCATE)");
  });
}

} // namespace lodge::storage
