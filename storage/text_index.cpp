#include "storage/text_index.hpp"

#include "storage/metadata_path.hpp"
#include "storage/stored_row.hpp"

#include <utility>

namespace lodge::storage {

namespace {

/// Pages of a dropped index that are freed in one slice.
constexpr std::uint64_t blocks_a_slice = 2'000;

/// Of the rows of an index's `_data`: its averages, and its list of levels and segments. Its blocks have larger ids.
constexpr std::uint64_t structure_id = 10;

/// Merging that a commit pays for: a part more, however little it holds, and each text as often as an index of any size
/// has levels. (Words take half as much room in the index as in the text.)
constexpr std::uint64_t bytes_a_commit = 1'024;
constexpr std::uint64_t merges_a_text = 4;

/// FTS5 merges nothing by itself, unless nobody else does, as where each process puts one row.
constexpr std::pair<const char*, std::uint64_t> settings[]{{"automerge", 0}, {"usermerge", 16}, {"crisismerge", 256}};

/// Of an index without blocks: FTS5 opens no table, not even to drop it, whose structure it cannot read. (In
/// fts5_index.c: four bytes of a cookie, then three numbers.)
void write_empty_structure(connection& on, const std::string& table) {
  on.run(
    ("REPLACE INTO " + table + "_data(id, block) VALUES (1, x''), (" + std::to_string(structure_id) + ", zeroblob(7))")
      .c_str());
}

/// The text at a path of metadata, or NULL. Only strings have words; text that SQLite does not take for JSON has none.
/// A row is put in, taken out and looked at by this one expression.
std::string text_at(const std::string& metadata, const std::string& path) {
  const auto place = metadata + ", " + sql_path(path);
  return "CASE WHEN json_valid(" + metadata + ") THEN CASE json_type(" + place + ") WHEN 'text' THEN json_extract("
    + place + ") END END";
}

/// A row's texts, whose metadata are the second parameter.
std::string texts(std::span<const std::string> fields) {
  std::string made;
  for (const auto& path : fields)
    made += (made.empty() ? "" : ", ") + text_at("?2", path);
  return made;
}

// One row of VALUES: with a SELECT, SQLite would begin a savepoint, at which FTS5 writes all that it has gathered.

std::string insert_row(collection_id collection, std::span<const std::string> fields) {
  return "INSERT INTO " + text_index::name(collection) + "(rowid, " + text_index::columns(fields.size())
    + ") VALUES (?1, " + texts(fields) + ")";
}

/// A row if blocks are there of which the list of parts knows nothing: FTS5 would take the index for an empty one. (Its
/// fifth byte is the number of levels.)
std::string find_forgotten(collection_id collection) {
  const auto data = text_index::name(collection) + "_data";
  const auto id = std::to_string(structure_id);
  return "SELECT 1 FROM " + data + " WHERE id = " + id + " AND substr(block, 5, 1) = x'00' AND EXISTS (SELECT 1 FROM "
    + data + " WHERE id > " + id + ")";
}

std::string remove_row(collection_id collection, std::span<const std::string> fields) {
  const auto name = text_index::name(collection);
  return "INSERT INTO " + name + "(" + name + ", rowid, " + text_index::columns(fields.size())
    + ") VALUES ('delete', ?1, " + texts(fields) + ")";
}

} // namespace

std::string text_index::name(collection_id collection) { return "text_" + std::to_string(collection); }

std::string text_index::column(std::size_t place) { return "field_" + std::to_string(place + 1); }

std::string text_index::columns(std::size_t count) {
  auto made = column(0);
  for (std::size_t i = 1; i < count; ++i)
    made += ", " + column(i);
  return made;
}

void text_index::create(connection& on, collection_id collection, std::span<const std::string> fields) {
  const auto table = name(collection);
  auto view = "CREATE VIEW " + table + "_rows AS SELECT label";
  for (std::size_t i = 0; i < fields.size(); ++i)
    view += ", " + text_at("metadata", fields[i]) + " AS " + column(i);
  // In the order of labels, which an index on the collection does not have: hence the plus.
  on.run((view + " FROM items WHERE +collection = " + std::to_string(collection)).c_str());
  on.run(("CREATE VIRTUAL TABLE " + table + " USING fts5(" + columns(fields.size()) + ", content='" + table
          + "_rows', content_rowid='label', " + tokenizer + ")")
           .c_str());
  for (const auto& [name, value] : settings) {
    statement set{on, ("INSERT INTO " + table + "(" + table + ", rank) VALUES (?, ?)").c_str()};
    set.with(name, value).run();
  }
}

bool text_index::drop(connection& on, collection_id collection) {
  const auto table = name(collection);
  statement is_there{on, "SELECT 1 FROM sqlite_schema WHERE name = ?"};
  if (!is_there.with(table).step())
    return false;
  is_there.reset();
  // Its blocks first, a slice at a time; nobody reads it any more.
  for (const auto* part : {"_data", "_docsize"}) {
    const auto from = table + part;
    statement some{on,
                   ("DELETE FROM " + from + " WHERE id IN (SELECT id FROM " + from + " WHERE id > "
                    + std::to_string(structure_id) + " ORDER BY id DESC LIMIT ?)")
                     .c_str()};
    some.with(blocks_a_slice).run();
    if (on.changes() > 0)
      return true;
  }
  write_empty_structure(on, table);
  on.run(("DROP TABLE " + table + "; DROP VIEW " + table + "_rows").c_str());
  return true;
}

void text_index::build_anew(connection& on, collection_id collection) {
  const auto table = name(collection);
  in_text_index([&] {
    write_empty_structure(on, table);
    on.run(("INSERT INTO " + table + "(" + table + ") VALUES ('rebuild')").c_str());
  });
}

text_index::text_index(connection& on, collection_id collection, std::span<const std::string> fields)
  : on_(on),
    collection_(collection),
    name_(name(collection)),
    insert_(on, insert_row(collection, fields).c_str()),
    remove_(on, remove_row(collection, fields).c_str()),
    find_forgotten_(on, find_forgotten(collection).c_str()) {}

void text_index::build_anew() {
  has_gathered_ = true;
  build_anew(on_, collection_);
}

void text_index::require_all_known() {
  // What is gathered is written later, by which time FTS5 has read the list.
  if (has_gathered_)
    return;
  const scope_reset at_end{find_forgotten_};
  if (find_forgotten_.step())
    throw failure{errc::corrupt, name_ + " has blocks that its list of parts lacks"};
}

template <class Function>
void text_index::or_build_anew(Function function) {
  try {
    require_all_known();
    has_gathered_ = true;
    in_text_index(function);
  } catch (const failure& caught) {
    if (caught.reason.code != errc::corrupt || !on_.in_transaction())
      throw;
    build_anew();
  }
}

void text_index::pay_for(std::string_view metadata) {
  paid_ += merges_a_text * metadata.size();
  has_changed_ = true;
}

void text_index::add(std::uint64_t label, std::string_view metadata) {
  pay_for(metadata);
  or_build_anew([&] { insert_.with(label, metadata).run(); });
}

bool text_index::take_out_rows(std::span<const std::uint64_t> labels) try {
  require_all_known();
  has_gathered_ = true;
  statement row{on_, (select_stored_item + "WHERE i.label = ?").c_str()};
  for (const auto label : labels) {
    if (!row.with(label).step())
      return false;
    // With other words than it was put in with, those would stay.
    const auto metadata = checked_item(row).metadata;
    pay_for(metadata);
    in_text_index([&] { remove_.with(label, metadata).run(); });
  }
  return true;
} catch (const failure& caught) {
  if (caught.reason.code != errc::corrupt || !on_.in_transaction())
    throw;
  return false;
}

bool text_index::merge(std::uint64_t pages) {
  statement some{on_, ("INSERT INTO " + name_ + "(" + name_ + ", rank) VALUES ('merge', ?)").c_str()};
  const auto before = on_.changes_so_far();
  or_build_anew([&] { some.with(pages).run(); });
  // SQLite, "The 'merge' Command": a difference below 2 says that there was nothing to do.
  return on_.changes_so_far() - before >= 2;
}

void text_index::merge_what_is_paid() {
  if (std::exchange(has_changed_, false))
    paid_ += bytes_a_commit;
  if (const auto pages = paid_ / bytes_a_page; pages >= pages_a_slice) {
    paid_ = 0;
    merge(pages);
  }
}

} // namespace lodge::storage
