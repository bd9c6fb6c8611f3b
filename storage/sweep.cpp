#include "storage/field_values.hpp"
#include "storage/manifest_text.hpp"
#include "storage/stored_segment.hpp"
#include "storage/writer_state.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace lodge::storage {

namespace {

constexpr std::uint64_t vacuum_pages_a_slice = 256;
constexpr std::int64_t free_pages_kept = 64;
constexpr std::uint64_t index_pages_a_slice = 256;

using find_text_index = std::function<text_index*(collection_id)>;

std::vector<collection_id> ids(connection& on, const char* sql) {
  std::vector<collection_id> found;
  for (statement query{on, sql}; query.step();)
    found.push_back(query.number(0));
  return found;
}

/// Segments that some manifest names.
std::set<std::uint64_t> published_segments(connection& on) {
  std::set<std::uint64_t> segments;
  const auto last = static_cast<std::uint64_t>(on.ask("SELECT sequence FROM file"));
  for (const auto collection : ids(on, "SELECT collection FROM bases"))
    if (const auto present = read_sound_manifest(on, collection, last))
      for (const auto& segment : present->segments)
        segments.insert(segment.id);
  return segments;
}

/// A row that an index names is in its table, or the file is damaged, and sweeping would never end.
void require_change(const connection& on, const std::string& table) {
  if (on.changes() == 0)
    throw failure{errc::corrupt, "an index of " + table + " names a row that is not there"};
}

/// What is kept of the values of declared fields, of rows that are about to go.
void delete_field_values(connection& on, collection_id collection, std::span<const std::uint64_t> labels) {
  statement declared{on, "SELECT fields FROM collections WHERE id = ?"};
  if (!declared.with(collection).step())
    return;
  const auto paths = json_paths(declared.text(0));
  if (paths.empty())
    return;
  field_values values{on};
  // Damaged metadata leads to no value, and is no reason to keep a row.
  statement read{on, "SELECT CASE WHEN json_valid(metadata) THEN metadata END FROM items WHERE label = ?"};
  for (const auto label : labels) {
    const scope_reset at_end{read};
    if (read.with(label).step())
      values.remove(collection, paths, read.text(0), label);
  }
}

void delete_rows(connection& on, collection_id collection, std::span<const std::uint64_t> labels) {
  delete_field_values(on, collection, labels);
  statement drop_item{on, "DELETE FROM items WHERE label = ?"};
  statement drop_vector{on, "DELETE FROM vectors WHERE label = ?"};
  for (const auto label : labels) {
    drop_item.with(label).run();
    require_change(on, "items");
    drop_vector.with(label).run();
  }
}

/// Deletes the rows that a query (collection, limit) names.
bool delete_rows(connection& on, const char* query_of_labels, collection_id collection, std::uint64_t limit) {
  std::vector<std::uint64_t> found;
  statement query{on, query_of_labels};
  query.with(collection, limit);
  while (query.step())
    found.push_back(query.number(0));
  query.reset();
  delete_rows(on, collection, found);
  return !found.empty();
}

constexpr const char* dead_labels = "SELECT label FROM items INDEXED BY dead_items"
                                    " WHERE collection = ? AND died_at IS NOT NULL LIMIT ?";
constexpr const char* living_labels = "SELECT label FROM items INDEXED BY living_items"
                                      " WHERE collection = ? AND died_at IS NULL LIMIT ?";

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
                     "SELECT c.text_fields <> '[]' FROM collections c JOIN pending p ON p.number = c.dropped_at AND "
                     "p.collection = c.id"
                     " AND p.kind = 5 WHERE c.id = ?"};
    if (!logged.with(id).step())
      throw failure{errc::corrupt, "collection " + std::to_string(id) + " is dropped, which the log does not know"};
    const auto has_words = logged.integer(0) != 0;
    // No table is dropped while a statement reads.
    logged.reset();
    if (has_words && text_index::drop(on, id))
      return true;
    if (delete_rows(on, living_labels, id, limit) || delete_rows(on, dead_labels, id, limit))
      return true;
    // The values of damaged rows.
    statement drop_values{on, "DELETE FROM field_values WHERE collection = ?"};
    drop_values.with(id).run();
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

/// The rows that the base of a collection holds, so that they are needed dead or alive. None if it is damaged.
std::vector<std::uint64_t> labels_of_base(connection& on, collection_id collection,
                                          const std::optional<manifest>& base) {
  std::vector<std::uint64_t> labels;
  if (!base)
    return labels;
  try {
    for (const auto& segment : base->segments) {
      const auto more = read_segment_labels(on, collection, segment);
      labels.insert(labels.end(), more.begin(), more.end());
    }
  } catch (const failure& caught) {
    if (caught.reason.code != errc::base_corrupt)
      throw;
    return {};
  }
  std::ranges::sort(labels);
  return labels;
}

/// Deletes rows that died up to a number and that are in no segment; passes over `limit` at most.
///
/// @returns Whether there may be more.
bool sweep_dead(connection& on, dead_row_sweep& sweep, collection_id collection, text_index* words, std::uint64_t up_to,
                std::uint64_t last, std::uint64_t limit) {
  const auto base = read_sound_manifest(on, collection, last);
  if (const auto version = base ? base->version : 0; version != sweep.base_version)
    sweep = {version, 0, 0, {}};
  statement query{on,
                  "SELECT died_at, label FROM items INDEXED BY dead_items WHERE collection = ?1 AND died_at IS NOT NULL"
                  " AND (died_at, label) > (?2, ?3) AND died_at <= ?4 ORDER BY died_at, label LIMIT ?5"};
  query.with(collection, sweep.died_at, sweep.label, up_to, limit);
  std::vector<std::uint64_t> found;
  while (query.step()) {
    sweep.died_at = query.number(0);
    sweep.label = query.number(1);
    found.push_back(sweep.label);
  }
  query.reset();
  if (found.empty()) {
    sweep.of_base.reset();
    return false;
  }
  if (!sweep.of_base)
    sweep.of_base = labels_of_base(on, collection, base);
  std::erase_if(found, [&](std::uint64_t label) { return std::ranges::binary_search(*sweep.of_base, label); });
  std::ranges::sort(found);
  const auto is_whole = words == nullptr || words->take_out_rows(found);
  delete_rows(on, collection, found);
  if (!is_whole)
    words->build_anew();
  return true;
}

/// @param last The file's last number. Its log entry stays in any case: it vouches for that number.
bool sweep_history(connection& on, std::map<collection_id, dead_row_sweep>& sweeps, const find_text_index& words_of,
                   std::uint64_t last, std::uint64_t limit) {
  for (const auto id : ids(on, "SELECT id FROM collections WHERE dropped_at IS NULL")) {
    statement query{on, "SELECT dropped_up_to FROM collections WHERE id = ?"};
    query.with(id).step();
    auto cut = std::min(query.number(0), last - 1);
    auto* const words = words_of(id);
    if (sweep_dead(on, sweeps[id], id, words, cut, last, limit))
      return true;
    if (words != nullptr && words->merge(index_pages_a_slice))
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

result<bool> writer::sweep(std::uint64_t limit) {
  return state_->request([&] {
    return sweep_dropped(state_->on, limit) || sweep_readable_orphans(state_->on)
      || sweep_history(
             state_->on, state_->dead_row_sweeps, [&](collection_id id) { return state_->text_index_of(id); },
             state_->number, limit)
      || vacuum(state_->on);
  });
}

} // namespace lodge::storage
