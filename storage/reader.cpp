#include "storage/reader.hpp"

#include "storage/collections.hpp"
#include "storage/file_system.hpp"
#include "storage/manifest_text.hpp"
#include "storage/matching_labels.hpp"
#include "storage/newest_number.hpp"
#include "storage/schema.hpp"
#include "storage/sqlite.hpp"
#include "storage/stored_row.hpp"

#include <algorithm>

namespace lodge::storage {

namespace {

/// The index led to a row that is sound, but not one that it may lead to.
[[noreturn]] void index_is_wrong(const stored_row& found) {
  throw failure{errc::corrupt,
                "the index of the living leads to the row of label " + std::to_string(found.label) + ", of key '"
                  + std::string{found.key} + (found.died_at != 0 ? "', which died" : "'")};
}

void require_living_of(const stored_row& found, std::string_view key) {
  if (found.died_at != 0 || found.key != key)
    index_is_wrong(found);
}

} // namespace

class reader::state {
public:
  explicit state(const std::string& opened) : path(opened), on(opened, access::read) {
    identity = static_cast<std::uint64_t>(on.ask("SELECT identity FROM file"));
  }

  /// The newest number of the snapshot.
  std::uint64_t number() { return newest_number(last_number); }

  /// Values a vector, of a collection that lives.
  std::size_t require_living(collection_id collection) {
    const scope_reset at_end{living};
    if (!living.with(collection).step())
      throw failure{errc::collection_dropped, "the collection was dropped"};
    return static_cast<std::size_t>(living.integer(0));
  }

  record to_record(const stored_row& row) const {
    record made;
    made.key = row.key;
    made.metadata = row.metadata;
    if (row.has_vector)
      made.vector = row.values();
    made.version = {identity, row.label};
    return made;
  }

  /// The merged log's next entry, as far as the log itself tells it.
  log_entry read_entry(collection_id collection) const {
    return {entries.number(0), collection, static_cast<entry_kind>(entries.integer(1)), entries.number(2), {}, {}};
  }

  void add_row(log_entry& entry, std::size_t dimension) {
    const scope_reset at_end{by_label};
    if (!by_label.with(entry.number).step())
      throw failure{errc::corrupt, "the row of label " + std::to_string(entry.number) + " is missing"};
    const auto row = checked_row(by_label, dimension);
    entry.key = row.key;
    entry.vector = row.values();
  }

  std::string path;
  connection on;
  std::uint64_t identity = 0;
  std::int64_t data_version = 0;
  statement begin{on, "BEGIN"};
  statement rollback{on, "ROLLBACK"};
  statement format{on, "PRAGMA user_version"};
  statement version_of_data{on, "PRAGMA data_version"};
  statement last_number{on, select_newest_number};
  statement living{on, "SELECT dimension FROM collections WHERE id = ? AND dropped_at IS NULL"};
  statement by_key{on, (select_stored_row + "WHERE i.collection = ? AND i.key = ? AND i.died_at IS NULL").c_str()};
  statement after_key{on,
                      (select_stored_row
                       + "WHERE i.collection = ? AND i.key > ? AND i.died_at IS NULL"
                         " ORDER BY i.key LIMIT ?")
                        .c_str()};
  statement by_label{on, (select_stored_row + "WHERE i.label = ?").c_str()};
  statement is_there{on, (select_stored_item + "WHERE i.collection = ? AND i.key = ? AND i.died_at IS NULL").c_str()};
  statement item_as_of{on,
                       (select_stored_item
                        + "WHERE i.label = ?1 AND i.label <= ?2"
                          " AND (i.died_at IS NULL OR i.died_at > ?2)")
                         .c_str()};
  statement vector_of_label{on, "SELECT checksum, vector FROM vectors WHERE label = ?"};
  // The unary plus keeps the number's range as the way in.
  statement entries{on,
                    "SELECT p.number, p.kind, coalesce(d.label, 0)"
                    " FROM pending p LEFT JOIN deletions d ON d.number = p.number"
                    " WHERE p.number > ?1 AND +p.collection = ?2"
                    " UNION ALL SELECT d.number, 6, d.label FROM deletions d"
                    " WHERE d.number > ?1 AND +d.collection = ?2"
                    " AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.number = d.number)"
                    " ORDER BY 1"};
};

/// A read transaction in a format that we know.
class reader::reading {
public:
  explicit reading(state& of) : transaction_(of) {
    const scope_reset at_end{of.format};
    of.format.with().step();
    require_known_format(of.format.integer(0));
  }

private:
  /// As `read_scope`, by statements that are prepared already: many reads take no longer than preparing one would.
  struct transaction {
    explicit transaction(state& whose) : of(whose) { of.begin.run(); }
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;
    ~transaction() {
      try {
        of.rollback.run();
      } catch (const failure&) {
        // After some failed reads SQLite has ended it by itself.
      }
    }
    state& of;
  };

  transaction transaction_;
};

reader::reader(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
reader::~reader() = default;

result<std::unique_ptr<reader>> reader::open(const std::string& path) {
  return guarded([&] { return std::unique_ptr<reader>{new reader{std::make_unique<state>(path)}}; });
}

std::uint64_t reader::identity() const { return state_->identity; }

result<bool> reader::changed_elsewhere() {
  return guarded([&] {
    const scope_reset at_end{state_->version_of_data};
    state_->version_of_data.with().step();
    return std::exchange(state_->data_version, state_->version_of_data.integer(0))
      != state_->version_of_data.integer(0);
  });
}

result<std::vector<collection_row>> reader::collections() {
  return guarded([&] {
    const reading snapshot{*state_};
    return list_collections(state_->on);
  });
}

result<collection_row> reader::collection(collection_id which) {
  return guarded([&] {
    const reading snapshot{*state_};
    return require_collection(state_->on, which);
  });
}

result<std::uint64_t> reader::number() {
  return guarded([&] {
    const reading snapshot{*state_};
    return state_->number();
  });
}

result<void> reader::require(const position& at_least) {
  if (at_least.file != state_->identity)
    return error{errc::position_of_other_file,
                 "the position is of file " + std::to_string(at_least.file) + ", this is "
                   + std::to_string(state_->identity)};
  return guarded([&] {
    const reading snapshot{*state_};
    if (const auto number = state_->number(); at_least.number > number)
      throw failure{errc::position_not_reached,
                    "change " + std::to_string(at_least.number) + " was asked for, the file has "
                      + std::to_string(number)};
  });
}

result<record> reader::get(collection_id collection, std::string_view key) {
  return guarded([&] {
    const reading snapshot{*state_};
    const auto dimension = state_->require_living(collection);
    const scope_reset at_end{state_->by_key};
    if (!state_->by_key.with(collection, key).step())
      throw failure{errc::key_not_found, "no item has the key '" + std::string{key} + "'"};
    const auto row = checked_row(state_->by_key, dimension);
    require_living_of(row, key);
    return state_->to_record(row);
  });
}

result<bool> reader::contains(collection_id collection, std::string_view key) {
  return guarded([&] {
    const reading snapshot{*state_};
    state_->require_living(collection);
    const scope_reset at_end{state_->is_there};
    if (!state_->is_there.with(collection, key).step())
      return false;
    require_living_of(checked_item(state_->is_there), key);
    return true;
  });
}

result<page> reader::scan(collection_id collection, std::string_view after_key, std::uint64_t limit) {
  return guarded([&] {
    const reading snapshot{*state_};
    const auto dimension = state_->require_living(collection);
    const scope_reset at_end{state_->after_key};
    // One more than asked for tells whether there is more.
    state_->after_key.with(collection, after_key, limit + 1);
    page read;
    while (state_->after_key.step()) {
      if (read.records.size() == limit) {
        read.more = true;
        break;
      }
      const auto row = checked_row(state_->after_key, dimension);
      if (row.died_at != 0 || row.key <= (read.records.empty() ? after_key : std::string_view{read.records.back().key}))
        index_is_wrong(row);
      read.records.push_back(state_->to_record(row));
    }
    return read;
  });
}

result<std::uint64_t> reader::size(collection_id collection) {
  return guarded([&] {
    const reading snapshot{*state_};
    return require_collection(state_->on, collection).info.items;
  });
}

result<std::uint64_t> reader::count(collection_id collection, const filter& wanted) {
  return guarded([&] {
    const reading snapshot{*state_};
    const auto row = require_collection(state_->on, collection);
    if (wanted.matches_all())
      return row.info.items;
    matching_labels matching{state_->on, row, wanted, living_rows};
    constexpr std::size_t rows_a_step = 65'536;
    std::uint64_t counted = 0;
    std::vector<std::uint64_t> labels;
    for (bool more = true; more; counted += labels.size()) {
      labels.clear();
      more = matching.step(rows_a_step, labels);
    }
    return counted;
  });
}

result<std::optional<std::vector<std::string>>> reader::metadata(std::span<const std::uint64_t> labels,
                                                                 std::uint64_t as_of) {
  return guarded([&]() -> std::optional<std::vector<std::string>> {
    const reading snapshot{*state_};
    const scope_reset at_end{state_->item_as_of};
    std::vector<std::string> found;
    for (const auto label : labels) {
      if (!state_->item_as_of.with(label, as_of).step())
        return std::nullopt;
      found.emplace_back(checked_item(state_->item_as_of).metadata);
    }
    return found;
  });
}

result<bool> reader::vectors(std::size_t dimension, const std::function<std::optional<std::uint64_t>()>& next,
                             const std::function<void(std::span<const std::uint8_t>)>& tell) {
  return guarded([&] {
    const reading snapshot{*state_};
    const scope_reset at_end{state_->vector_of_label};
    for (auto label = next(); label; label = next()) {
      if (!state_->vector_of_label.with(*label).step())
        return false;
      const stored_vector found{state_->vector_of_label.number(0), state_->vector_of_label.bytes(1)};
      tell(checked_vector(*label, found, dimension));
    }
    return true;
  });
}

result<log_page> reader::log_after(collection_id collection, std::uint64_t number, bool with_rows) {
  return guarded([&] {
    const reading snapshot{*state_};
    log_page read;
    read.number = state_->number();
    statement about{state_->on, "SELECT dropped_up_to, dimension, dropped_at IS NULL FROM collections WHERE id = ?"};
    about.with(collection).step();
    // The rows of a dropped collection may be swept before its log is.
    const auto has_rows = about.integer(2) != 0;
    // It has no checksum: beyond the last number it would never be caught up with.
    read.truncated = std::min(about.number(0), read.number) > number;
    if (read.truncated)
      return read;
    const scope_reset at_end{state_->entries};
    state_->entries.with(number, collection);
    while (state_->entries.step()) {
      auto entry = state_->read_entry(collection);
      if (entry.kind < entry_kind::put || entry.kind > entry_kind::remove)
        throw failure{errc::newer_format,
                      "the log has an entry of kind " + std::to_string(static_cast<int>(entry.kind))};
      if (with_rows && has_rows && entry.kind == entry_kind::put)
        state_->add_row(entry, static_cast<std::size_t>(about.integer(1)));
      read.entries.push_back(std::move(entry));
    }
    return read;
  });
}

result<std::optional<manifest>> reader::base(collection_id collection) {
  return guarded([&] {
    const reading snapshot{*state_};
    return read_sound_manifest(state_->on, collection, state_->number());
  });
}

result<base_distance> reader::distance_to_base(collection_id collection) {
  return guarded([&] {
    const reading snapshot{*state_};
    base_distance read;
    read.counted_to = state_->number();
    // Without a base everything is a change since then.
    if (const auto base = read_sound_manifest(state_->on, collection, read.counted_to)) {
      read.version = base->version;
      read.watermark = base->watermark;
      for (const auto& segment : base->segments)
        read.vectors += segment.vectors;
    }
    statement count{state_->on,
                    "SELECT count(*) FROM"
                    " (SELECT number FROM pending WHERE number > ?1 AND +collection = ?2 AND kind <= 2"
                    "  UNION SELECT number FROM deletions WHERE number > ?1 AND +collection = ?2)"};
    count.with(read.watermark, collection).step();
    read.changes = count.number(0);
    // Without a base everything is new, also where the log was cut by one that is gone.
    if (read.version == 0)
      read.changes = std::max(read.changes, require_collection(state_->on, collection).info.vectors);
    return read;
  });
}

result<file_figures> reader::figures(collection_id collection) {
  auto distance = distance_to_base(collection);
  if (!distance)
    return distance.error();
  return guarded([&] {
    const reading snapshot{*state_};
    file_figures read;
    const auto row = require_collection(state_->on, collection);
    read.items = row.info.items;
    read.vectors = row.info.vectors;
    read.number = state_->number();
    read.base_version = distance->version;
    read.base_covers = distance->watermark;
    read.base_vectors = distance->vectors;
    read.changes_since_base = distance->changes;
    const auto count = [&](const char* sql) {
      statement query{state_->on, sql};
      query.with(collection).step();
      return query.number(0);
    };
    read.dead_rows = count("SELECT count(*) FROM items INDEXED BY dead_items"
                           " WHERE collection = ? AND died_at IS NOT NULL");
    read.log_entries = count("SELECT (SELECT count(*) FROM pending WHERE collection = ?1)"
                             " + (SELECT count(*) FROM deletions WHERE collection = ?1)");
    read.base_bytes = count("SELECT coalesce(sum(length(bytes)), 0) FROM chunks WHERE collection = ?");
    read.file_bytes = size_on_disk(state_->path);
    read.wal_bytes = size_on_disk(state_->path + "-wal");
    read.free_bytes =
      static_cast<std::uint64_t>(state_->on.ask("PRAGMA freelist_count") * state_->on.ask("PRAGMA page_size"));
    return read;
  });
}

} // namespace lodge::storage
