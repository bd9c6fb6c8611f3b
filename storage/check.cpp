#include "storage/check.hpp"

#include "storage/check_text.hpp"
#include "storage/collections.hpp"
#include "storage/field_values.hpp"
#include "storage/schema.hpp"
#include "storage/sqlite.hpp"
#include "storage/stored_row.hpp"

namespace lodge::storage {

namespace {

using teller = std::function<void(const finding&)>;

/// @returns Whether SQLite finds its own pages in order.
bool check_structure(connection& on, const teller& tell) {
  finding said{"SQLite structure", "", true};
  std::size_t complaints = 0;
  try {
    for (statement query{on, "PRAGMA integrity_check(10)"}; query.step(); ++complaints)
      said.detail += (complaints > 0 ? "; " : "") + std::string{query.text(0)};
  } catch (const failure& caught) {
    // It reads on behind some damage, and gives up at other.
    if (caught.reason.code != errc::corrupt)
      throw;
    said.detail += (complaints > 0 ? "; " : "") + caught.reason.detail;
  }
  said.sound = said.detail == "ok";
  tell(said);
  return said.sound;
}

void check_collection_rows(connection& on, const collection_row& collection, const teller& tell) {
  statement query{on, (select_stored_row + "WHERE i.collection = ? ORDER BY i.label").c_str()};
  query.with(collection.id);
  std::uint64_t items = 0;
  std::uint64_t vectors = 0;
  std::uint64_t dead = 0;
  finding rows{"rows of '" + collection.info.name + "'", "", true};
  while (query.step()) {
    try {
      const auto row = checked_row(query, collection.info.dimension);
      const auto lives = row.died_at == 0;
      items += lives ? 1 : 0;
      vectors += lives && row.has_vector ? 1 : 0;
      dead += lives ? 0 : 1;
    } catch (const failure& caught) {
      rows.sound = false;
      rows.detail = caught.reason.detail;
      tell(rows);
    }
  }
  if (rows.sound) {
    rows.detail = std::to_string(items) + " living and " + std::to_string(dead) + " dead, all match their checksums";
    tell(rows);
  }
  const auto& counted = collection.info;
  const auto right = counted.items == items && counted.vectors == vectors;
  tell({"counters of '" + counted.name + "'",
        std::to_string(counted.items) + " items, " + std::to_string(counted.vectors) + " vectors"
          + (right ? "" : "; the rows give " + std::to_string(items) + " and " + std::to_string(vectors)),
        right});
}

void check_count(connection& on, const std::string& subject, const char* wrong_rows, const teller& tell) {
  const auto wrong = on.ask(wrong_rows);
  tell({subject, wrong == 0 ? "none" : std::to_string(wrong), wrong == 0});
}

/// Each row has the value that its metadata gives for each declared field, and there are no others.
void check_field_values(connection& on, const teller& tell) {
  const std::string json = "CASE WHEN json_valid(i.metadata) THEN i.metadata END";
  const auto path = [](const std::string& name) { return "'$.\"' || replace(" + name + ", '.', '\".\"') || '\"'"; };
  const auto missing = path("f.value");
  check_count(on, "rows without a value of a declared field",
              ("SELECT count(*) FROM items i JOIN collections c ON c.id = i.collection JOIN json_each(c.fields) f"
               " WHERE c.dropped_at IS NULL AND NOT EXISTS (SELECT 1 FROM field_values v"
               " WHERE v.collection = i.collection AND v.field = f.key AND v.kind = "
               + sql_field_kind(json, missing) + " AND v.value = " + sql_field_value(json, missing)
               + " AND v.label = i.label)")
                .c_str(),
              tell);
  const auto present = path("json_extract(c.fields, '$[' || v.field || ']')");
  check_count(on, "values of declared fields that are no row's",
              ("SELECT count(*) FROM field_values v JOIN collections c ON c.id = v.collection"
               " WHERE c.dropped_at IS NULL AND NOT EXISTS (SELECT 1 FROM items i"
               " WHERE i.label = v.label AND i.collection = v.collection AND v.field < json_array_length(c.fields)"
               " AND v.kind = "
               + sql_field_kind(json, present) + " AND v.value = " + sql_field_value(json, present) + ")")
                .c_str(),
              tell);
}

void check_content(connection& on, const teller& tell) {
  for (const auto& collection : list_collections(on)) {
    check_collection_rows(on, collection, tell);
    check_text(on, collection, tell);
  }
  check_count(on, "vectors without an item",
              "SELECT count(*) FROM vectors WHERE label NOT IN (SELECT label FROM items)", tell);
  check_field_values(on, tell);
  check_count(on, "log entries without their row",
              "SELECT count(*) FROM pending p WHERE kind <= 2 AND number > coalesce((SELECT dropped_up_to FROM"
              " collections c WHERE c.id = p.collection AND dropped_at IS NULL), 1 << 62)"
              " AND NOT EXISTS (SELECT 1 FROM items i WHERE i.label = p.number)",
              tell);
  check_count(on, "drops that the log does not know",
              "SELECT count(*) FROM collections c WHERE dropped_at IS NOT NULL AND NOT EXISTS"
              " (SELECT 1 FROM pending p WHERE p.number = c.dropped_at AND p.collection = c.id AND p.kind = 5)",
              tell);
  check_count(on, "logs cut beyond the last change",
              "SELECT count(*) FROM collections, file WHERE dropped_up_to NOT BETWEEN 0 AND sequence", tell);
  check_count(on, "deaths that the rows do not know",
              "SELECT count(*) FROM deletions d JOIN items i ON i.label = d.label WHERE i.died_at IS NOT d.number",
              tell);
  check_count(on, "numbers beyond the last change",
              "SELECT (SELECT count(*) FROM items, file WHERE label > sequence OR died_at > sequence)"
              " + (SELECT count(*) FROM pending, file WHERE number > sequence)"
              " + (SELECT count(*) FROM deletions, file WHERE number > sequence)",
              tell);
}

} // namespace

result<void> check_rows(const std::string& path, const std::function<void(const finding&)>& tell) {
  return guarded([&] {
    connection on{path, access::read};
    const read_scope snapshot{on};
    require_known_format(on);
    tell({"file",
          "format " + std::to_string(on.ask("PRAGMA user_version")) + ", last change "
            + std::to_string(on.ask("SELECT sequence FROM file")),
          true});
    const auto has_sound_pages = check_structure(on, tell);
    try {
      check_content(on, tell);
    } catch (const failure& caught) {
      // Behind damaged pages there is no reading on.
      if (has_sound_pages || caught.reason.code != errc::corrupt)
        throw;
      tell({"reading", caught.reason.detail, false});
    }
  });
}

} // namespace lodge::storage
