#include "storage/text_index.hpp"

#include "storage/metadata_path.hpp"
#include "storage/stored_row.hpp"

namespace lodge::storage {

namespace {

/// Pages of a dropped index that are freed in one slice.
constexpr std::uint64_t blocks_a_slice = 2'000;

/// Of the rows of an index's `_data`: its averages, and its list of levels and segments. Its blocks have larger ids.
constexpr std::uint64_t structure_id = 10;

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
    remove_(on, remove_row(collection, fields).c_str()) {}

template <class Function>
void text_index::or_build_anew(Function function) {
  has_gathered_ = true;
  try {
    in_text_index(function);
  } catch (const failure& caught) {
    if (caught.reason.code != errc::corrupt || !on_.in_transaction())
      throw;
    build_anew();
  }
}

void text_index::add(std::uint64_t label, std::string_view metadata) {
  or_build_anew([&] { insert_.with(label, metadata).run(); });
}

bool text_index::take_out_rows(std::span<const std::uint64_t> labels) try {
  has_gathered_ = true;
  statement row{on_, (select_stored_item + "WHERE i.label = ?").c_str()};
  for (const auto label : labels) {
    if (!row.with(label).step())
      return false;
    // With other words than it was put in with, those would stay.
    in_text_index([&] { remove_.with(label, checked_item(row).metadata).run(); });
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

} // namespace lodge::storage
