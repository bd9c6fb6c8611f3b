#include "storage/checksum.hpp"
#include "storage/manifest_text.hpp"
#include "storage/writer_state.hpp"

#include <algorithm>
#include <set>

namespace lodge::storage {

namespace {

constexpr std::uint64_t vacuum_pages_a_slice = 256;
constexpr std::int64_t free_pages_kept = 64;
constexpr std::uint64_t largest_segment = std::uint64_t{1} << 62;

/// The present manifest's version; 0 also for one that is damaged, which the next may replace.
std::optional<manifest> sound_manifest(connection& on, collection_id collection) {
  try {
    return read_manifest(on, collection, static_cast<std::uint64_t>(on.ask("SELECT sequence FROM file")));
  } catch (const failure& caught) {
    if (caught.reason.code != errc::base_corrupt)
      throw;
    return std::nullopt;
  }
}

void save_manifest(connection& on, collection_id collection, const manifest& what) {
  const auto text = to_text(what);
  statement save{on, "INSERT OR REPLACE INTO bases(collection, manifest, checksum) VALUES (?, ?, ?)"};
  save.with(collection, text, manifest_checksum(collection, text)).run();
  statement cut{on, "UPDATE collections SET dropped_up_to = max(dropped_up_to, ?) WHERE id = ?"};
  cut.with(what.previous_watermark, collection).run();
}

void require_whole(connection& on, collection_id collection, const segment_record& segment) {
  statement query{on, "SELECT count(*), total(length(bytes)) FROM chunks WHERE segment = ? AND collection = ?"};
  query.with(segment.id, collection).step();
  if (query.number(0) != segment.chunks || query.number(1) != segment.bytes)
    throw failure{errc::conflict,
                  "segment " + std::to_string(segment.id) + " has " + std::to_string(query.number(0)) + " of "
                    + std::to_string(segment.chunks) + " chunks"};
}

std::vector<collection_id> ids(connection& on, const char* sql) {
  std::vector<collection_id> found;
  for (statement query{on, sql}; query.step();)
    found.push_back(query.number(0));
  return found;
}

/// Segments that some manifest names.
std::set<std::uint64_t> published_segments(connection& on) {
  std::set<std::uint64_t> segments;
  for (const auto collection : ids(on, "SELECT collection FROM bases"))
    if (const auto present = sound_manifest(on, collection))
      for (const auto& segment : present->segments)
        segments.insert(segment.id);
  return segments;
}

/// A row that an index names is in its table, or the file is damaged, and sweeping would never end.
void require_change(const connection& on, const std::string& table) {
  if (on.changes() == 0)
    throw failure{errc::corrupt, "an index of " + table + " names a row that is not there"};
}

/// Deletes rows of `items` and their vectors, those that the query (collection, bound, limit) names.
bool delete_rows(connection& on, const char* labels, collection_id collection, std::uint64_t bound,
                 std::uint64_t limit) {
  std::vector<std::uint64_t> found;
  statement query{on, labels};
  query.with(collection, bound, limit);
  while (query.step())
    found.push_back(query.number(0));
  query.reset();
  statement drop_item{on, "DELETE FROM items WHERE label = ?"};
  statement drop_vector{on, "DELETE FROM vectors WHERE label = ?"};
  for (const auto label : found) {
    drop_item.with(label).run();
    require_change(on, "items");
    drop_vector.with(label).run();
  }
  return !found.empty();
}

constexpr const char* dead_labels = "SELECT label FROM items INDEXED BY dead_items"
                                    " WHERE collection = ? AND died_at <= ? AND died_at IS NOT NULL LIMIT ?";
constexpr const char* living_labels = "SELECT label FROM items INDEXED BY living_items"
                                      " WHERE collection = ? AND ? > 0 AND died_at IS NULL LIMIT ?";
constexpr auto everything = std::uint64_t{INT64_MAX};

bool delete_log(connection& on, collection_id collection, std::uint64_t up_to, std::uint64_t limit) {
  bool any = false;
  for (const auto* sql : {"DELETE FROM pending WHERE number IN"
                          " (SELECT number FROM pending WHERE number <= ? AND +collection = ? LIMIT ?)",
                          "DELETE FROM deletions WHERE number IN"
                          " (SELECT number FROM deletions WHERE number <= ? AND +collection = ? LIMIT ?)"}) {
    statement drop{on, sql};
    drop.with(up_to, collection, limit).run();
    any = any || on.changes() > 0;
  }
  return any;
}

bool sweep_dropped(connection& on, std::uint64_t limit) {
  // What stays of a dropped collection is its row and the log entry of the drop, for those that have not read it.
  for (const auto id : ids(on, "SELECT id FROM collections WHERE dropped_at IS NOT NULL")) {
    // One damaged number is not to cost a whole collection.
    statement logged{on,
                     "SELECT 1 FROM collections c JOIN pending p ON p.number = c.dropped_at AND p.collection = c.id"
                     " AND p.kind = 5 WHERE c.id = ?"};
    if (!logged.with(id).step())
      throw failure{errc::corrupt, "collection " + std::to_string(id) + " is dropped, which the log does not know"};
    if (delete_rows(on, living_labels, id, 1, limit) || delete_rows(on, dead_labels, id, everything, limit))
      return true;
    statement drop_base{on, "DELETE FROM bases WHERE collection = ?"};
    drop_base.with(id).run();
    statement dropped{on, "SELECT dropped_at FROM collections WHERE id = ?"};
    if (dropped.with(id).step() && delete_log(on, id, dropped.number(0) - 1, limit))
      return true;
  }
  return false;
}

bool sweep_orphans(connection& on) {
  const auto published = published_segments(on);
  for (const auto segment : ids(on, "SELECT DISTINCT segment FROM chunks"))
    if (!published.contains(segment)) {
      statement drop{on, "DELETE FROM chunks WHERE rowid = (SELECT rowid FROM chunks WHERE segment = ? LIMIT 1)"};
      drop.with(segment).run();
      require_change(on, "chunks");
      return true;
    }
  return false;
}

/// Chunks on pages that SQLite cannot read cannot be deleted either. They stay, since a new base can be made all the
/// same; `check` tells of them.
bool sweep_readable_orphans(connection& on) {
  try {
    return sweep_orphans(on);
  } catch (const failure& caught) {
    if (caught.reason.code != errc::corrupt || !on.in_transaction())
      throw;
    return false;
  }
}

/// @param last The file's last number. Its log entry stays in any case: it vouches for that number.
bool sweep_history(connection& on, std::uint64_t last, std::uint64_t limit) {
  for (const auto id : ids(on, "SELECT id FROM collections WHERE dropped_at IS NULL")) {
    statement query{on, "SELECT dropped_up_to FROM collections WHERE id = ?"};
    query.with(id).step();
    auto cut = std::min(query.number(0), last - 1);
    if (delete_rows(on, dead_labels, id, cut, limit))
      return true;
#ifdef LODGE_DEFECT_CUT_LOG_TOO_FAR
    cut = last - 1;
#endif
    if (delete_log(on, id, cut, limit))
      return true;
  }
  return false;
}

bool vacuum(connection& on) {
  // What the next segment will need again stays in the file: giving it back would write it twice.
  if (on.ask("PRAGMA freelist_count") <= std::max(free_pages_kept, on.ask("PRAGMA page_count") / 10))
    return false;
  statement shrink{on, ("PRAGMA incremental_vacuum(" + std::to_string(vacuum_pages_a_slice) + ")").c_str()};
  while (shrink.step()) {
  }
  return true;
}

} // namespace

result<std::uint64_t> writer::new_segment() {
  return state_->request([&] {
    // The counter is one number without a checksum: an id that chunks have is not given out again.
    const auto counted = state_->on.ask("SELECT segments FROM file");
    const auto present = state_->on.ask("SELECT coalesce(max(segment), 0) FROM chunks");
    const auto next = static_cast<std::uint64_t>(std::max({counted, present, std::int64_t{0}})) + 1;
    if (next > largest_segment)
      throw failure{errc::corrupt, "the file says that it gave out " + std::to_string(next - 1) + " segments"};
    statement count{state_->on, "UPDATE file SET segments = ?"};
    count.with(next).run();
    return next;
  });
}

result<void> writer::add_chunk(const chunk& what) {
  return state_->request([&] {
    state_->insert_chunk
      .with(what.segment, what.ordinal, what.collection, chunk_checksum(what.segment, what.ordinal, what.bytes),
            std::span<const std::uint8_t>{what.bytes})
      .run();
  });
}

result<std::uint64_t> writer::publish(collection_id collection, const manifest& next) {
  return state_->request([&] {
    state_->require_living(collection);
    const auto present = sound_manifest(state_->on, collection);
    const auto version = present ? present->version : 0;
    if (next.version != version + 1 || (present && next.watermark < present->watermark))
      throw failure{errc::conflict,
                    "base " + std::to_string(version) + " was published meanwhile; the next was to be "
                      + std::to_string(next.version)};
    for (const auto& segment : next.segments)
      require_whole(state_->on, collection, segment);
    save_manifest(state_->on, collection, next);
    const auto number = state_->next_number();
    state_->log(number, collection, entry_kind::base);
    return number;
  });
}

result<void> writer::forget_history(collection_id collection) {
  return state_->request([&] {
    state_->require_living(collection);
    auto present = sound_manifest(state_->on, collection);
    if (!present || present->previous_watermark == present->watermark)
      return;
    present->previous_watermark = present->watermark;
    save_manifest(state_->on, collection, *present);
  });
}

result<bool> writer::sweep(std::uint64_t limit) {
  return state_->request([&] {
    return sweep_dropped(state_->on, limit) || sweep_readable_orphans(state_->on)
      || sweep_history(state_->on, state_->number, limit) || vacuum(state_->on);
  });
}

} // namespace lodge::storage
