#pragma once

#include "storage/field_values.hpp"
#include "storage/newest_number.hpp"
#include "storage/sidecar.hpp"
#include "storage/sqlite.hpp"
#include "storage/text_index.hpp"
#include "storage/writer.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lodge::storage {

/// How far the dead rows of a collection were gone through. Those that stayed are in segments, as long as the base is
/// the same one.
struct dead_row_sweep {
  std::uint64_t base_version = 0;
  std::uint64_t died_at = 0;
  std::uint64_t label = 0;
  /// The labels of the base, ascending, while rows are being swept.
  std::optional<std::vector<std::uint64_t>> of_base;
};

/// What is kept of a collection's metadata beside its rows.
struct derived_rows {
  /// The declared fields, as `json_paths`.
  std::vector<std::string> fields;
  /// The index of its words; null if it has none.
  text_index* words = nullptr;
};

/// What the parts of `writer` share.
class writer::state {
public:
  explicit state(const std::string& path);

  /// Runs a request inside the open transaction, in a savepoint of its own or without.
  template <class Function>
  auto request(Function function) -> result<decltype(function())> {
    return guarded([&] {
      if (!on.in_transaction())
        throw failure{errc::io_error, "there is no transaction; SQLite may have given it up"};
      require_unspoiled();
      const auto number_before = number;
      auto counts_before = counts;
      const auto changes_before = on.changes_so_far();
      begin_request();
      try {
        if constexpr (std::is_void_v<decltype(function())>) {
          function();
          end_request();
        } else {
          auto value = function();
          end_request();
          return value;
        }
      } catch (...) {
        number = number_before;
        counts = std::move(counts_before);
        dead_row_sweeps.clear();
        doubt_text_indexes();
        undo_request(changes_before);
        throw;
      }
    });
  }
  void require_unspoiled() const;

  /// The next sequence number; the counter's row is written at the commit.
  std::uint64_t next_number() { return ++number; }
  void log(std::uint64_t at, collection_id collection, entry_kind kind);
  void log_death(std::uint64_t at, collection_id collection, std::uint64_t label);
  /// Throws `failure` with errc::collection_dropped unless the collection lives.
  derived_rows require_living(collection_id collection);
  text_index* text_index_of(collection_id collection);

  /// Copies what it can of the WAL into the file; past its limit waits for readers, so that it begins anew.
  void checkpoint(int pages);
  void restart_wal();
  template <class Function>
  result<void> in_a_turn(clock::time_point deadline, Function function);

  connection on;
  undoing undoes = undoing::one_request;
  bool is_spoiled = false;
  std::unique_ptr<sidecar> locks;
  static constexpr int wal_pages_before_checkpoint = 1'000;
  int next_checkpoint = wal_pages_before_checkpoint;
  int wal_pages_seen = 0;
  std::uint64_t identity = 0;
  std::uint64_t number_at_begin = 0;
  std::uint64_t number = 0;

  /// What the open transaction adds to a collection's counters.
  struct counter_change {
    std::int64_t items = 0;
    std::int64_t vectors = 0;
  };
  std::map<collection_id, counter_change> counts;
  std::map<collection_id, dead_row_sweep> dead_row_sweeps;
  /// Those that were used. None outlives a transaction that was rolled back, in which its table may have been made.
  std::map<collection_id, text_index> text_indexes;
  /// Collections in whose index FTS5 may have wrong counts in memory.
  std::set<collection_id> doubted_text_indexes;

  /// To be called when something was rolled back.
  void doubt_text_indexes();
  /// Has FTS5 forget what it counted. Not within a transaction.
  void reset_doubted_text_indexes();

  statement savepoint{on, "SAVEPOINT request"};
  statement release{on, "RELEASE request"};
  statement roll_back_to{on, "ROLLBACK TO request"};
  statement last_number{on, select_newest_number};
  // In two steps: what the index says, and what the row that it leads to says.
  statement find_living{on, "SELECT label FROM items WHERE collection = ? AND key = ? AND died_at IS NULL"};
  statement row_of_label{on, "SELECT checksum, has_vector, collection, key, died_at FROM items WHERE label = ?"};
  statement kill{on, "UPDATE items SET died_at = ?, checksum = ? WHERE label = ?"};
  statement insert_item{on,
                        "INSERT INTO items(label, collection, key, metadata, has_vector, checksum)"
                        " VALUES (?, ?, ?, nullif(?, ''), ?, ?)"};
  statement insert_vector{on, "INSERT INTO vectors(label, checksum, vector) VALUES (?, ?, ?)"};
  statement insert_pending{on, "INSERT INTO pending(number, collection, kind) VALUES (?, ?, ?)"};
  statement insert_deletion{on, "INSERT INTO deletions(number, collection, label) VALUES (?, ?, ?)"};
  statement collection_lives{on,
                             "SELECT fields, text_fields <> '[]' FROM collections WHERE id = ? AND dropped_at IS NULL"};
  statement save_counts{on, "UPDATE collections SET items = items + ?, vectors = vectors + ? WHERE id = ?"};
  statement save_number{on, "UPDATE file SET sequence = ?"};
  field_values values_of_fields{on};
  statement insert_chunk{on,
                         "INSERT INTO chunks(segment, ordinal, collection, checksum, bytes)"
                         " VALUES (?, ?, ?, ?, ?)"};

  /// Has text indexes write what they gathered, outside of the commit: one that is damaged is to cost nobody a write.
  void write_gathered_words();
  /// After that, since only what is written can be merged.
  void merge_words();

private:
  void open_savepoint();
  void begin_request();
  void end_request();
  void undo_request(std::int64_t changes_before);
};

} // namespace lodge::storage
