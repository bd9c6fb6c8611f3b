#include "storage/writer.hpp"

#include "storage/checksum.hpp"
#include "storage/collections.hpp"
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

derived_rows writer::state::require_living(collection_id collection) {
  const scope_reset at_end{collection_lives};
  if (!collection_lives.with(collection).step())
    throw failure{errc::collection_dropped, "the collection was dropped"};
  return {json_paths(collection_lives.text(0)), collection_lives.integer(1) != 0 ? text_index_of(collection) : nullptr};
}

text_index* writer::state::text_index_of(collection_id collection) {
  if (const auto known = text_indexes.find(collection); known != text_indexes.end())
    return &known->second;
  const auto fields = require_collection(on, collection).info.text_fields;
  if (fields.empty())
    return nullptr;
  const auto open = [&] { return &text_indexes.try_emplace(collection, on, collection, fields).first->second; };
  try {
    return open();
  } catch (const failure& caught) {
    if (caught.reason.code != errc::corrupt)
      throw;
    text_index::build_anew(on, collection);
    return open();
  }
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

/// At which FTS5 writes what it gathered.
void writer::state::open_savepoint() {
  try {
    in_text_index([&] { savepoint.run(); });
  } catch (const failure& caught) {
    if (caught.reason.code != errc::corrupt || !on.in_transaction())
      throw;
    for (auto& [id, words] : text_indexes)
      if (words.has_gathered())
        words.build_anew();
    savepoint.run();
  }
  for (auto& [id, words] : text_indexes)
    words.forget_gathered();
}

void writer::state::write_gathered_words() {
  const auto has_gathered = [](const auto& each) { return each.second.has_gathered(); };
  if (std::ranges::none_of(text_indexes, has_gathered))
    return;
  open_savepoint();
  release.run();
}

void writer::state::merge_words() {
  for (auto& [id, words] : text_indexes)
    words.merge_what_is_paid();
  write_gathered_words();
}

void writer::state::begin_request() {
  if (undoes == undoing::one_request)
    open_savepoint();
}

void writer::state::end_request() {
  if (undoes != undoing::one_request)
    return;
  // At a release FTS5 would write, too; where that fails, the savepoint is gone.
  write_gathered_words();
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

void writer::state::doubt_text_indexes() {
  for (const auto& [id, words] : text_indexes)
    doubted_text_indexes.insert(id);
  text_indexes.clear();
}

/// An error that has SQLite roll everything back in the midst of a write to an index leaves FTS5 3.40 with counts of
/// rows that are not there, and without a transaction whose end would have it forget them. So it is given one.
void writer::state::reset_doubted_text_indexes() {
  while (!doubted_text_indexes.empty()) {
    const auto name = text_index::name(*doubted_text_indexes.begin());
    on.run("BEGIN IMMEDIATE");
    // It changes nothing; an index that is damaged, or was never made, is somebody else's matter.
    guarded([&] { on.run(("DELETE FROM " + name + " WHERE rowid = -1").c_str()); }).ignore();
    if (on.in_transaction())
      on.run("ROLLBACK");
    doubted_text_indexes.erase(doubted_text_indexes.begin());
  }
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
    state_->reset_doubted_text_indexes();
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
      s.write_gathered_words();
      s.merge_words();
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
  state_->doubt_text_indexes();
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
