#include "storage/checksum.hpp"
#include "storage/manifest_text.hpp"
#include "tests/corruption/damage.hpp"
#include "tests/scenario/raw_file.hpp"

#include <array>

namespace lodge::test {

namespace {

std::size_t below(std::size_t end, std::mt19937& random) { return random() % end; }

std::string absurd_number(std::mt19937& random) {
  constexpr std::array numbers{"-1",
                               "0",
                               "1",
                               "7",
                               "2147483647",
                               "4294967295",
                               "4294967296",
                               "1 << 60",
                               "1 << 62",
                               "1 << 63",
                               "(1 << 63) - 1 + (1 << 62)",
                               "9223372036854775807"};
  return numbers[below(numbers.size(), random)];
}

/// A manifest whose numbers make no sense, and whose checksum does.
std::string absurd_manifest(raw_file& raw, std::mt19937& random) {
  const auto collection = raw.number("SELECT max(collection) FROM bases");
  const auto of = [&](const char* path) {
    return static_cast<std::uint64_t>(
      raw.number("SELECT json_extract(manifest, '" + std::string{path} + "') FROM bases ORDER BY collection DESC"));
  };
  storage::manifest what{
    of("$.version"),
    of("$.lineage"),
    of("$.watermark"),
    of("$.previous_watermark"),
    {{of("$.segments[0].id"), of("$.segments[0].vectors"), of("$.segments[0].bytes"), of("$.segments[0].chunks")}}};
  auto& segment = what.segments.front();
  const std::array places{&what.version,    &what.watermark, &what.previous_watermark, &segment.id,
                          &segment.vectors, &segment.bytes,  &segment.chunks};
  const std::array<std::uint64_t, 7> values{0,         1,         100, std::uint64_t{1} << 31, std::uint64_t{1} << 60,
                                            INT64_MAX, UINT64_MAX};
  // What is not verified against the rows, the version's number, is left as it is.
  auto& place = *places[1 + below(places.size() - 1, random)];
  place = below(4, random) == 0 ? place + 1 : values[below(values.size(), random)];
  if (below(6, random) == 0)
    what.segments.push_back(segment);
  auto text = storage::to_text(what);
  if (below(6, random) == 0) {
    const std::array<std::string, 6> forms{"[]", "{}", "-1", R"({"version":-1,"segments":7})", "\"\"", "1e999"};
    text = forms[below(forms.size(), random)];
  }
  const auto checksum =
    static_cast<std::int64_t>(storage::manifest_checksum(static_cast<std::uint64_t>(collection), text));
  return "UPDATE bases SET manifest = '" + text + "', checksum = " + std::to_string(checksum)
    + " WHERE collection = " + std::to_string(collection);
}

/// A value of a row is another, and no checksum is made to fit it.
std::string change_of_row(std::mt19937& random) {
  constexpr std::array columns{"items.metadata",
                               "items.has_vector",
                               "items.checksum",
                               "items.died_at",
                               "items.key",
                               "items.collection",
                               "vectors.vector",
                               "vectors.checksum",
                               "pending.kind",
                               "pending.collection",
                               "deletions.label",
                               "deletions.collection",
                               "chunks.bytes",
                               "chunks.checksum",
                               "chunks.ordinal",
                               "chunks.segment",
                               "bases.manifest",
                               "bases.checksum",
                               "file.sequence",
                               "file.segments",
                               "collections.dimension",
                               "collections.metric",
                               "collections.m",
                               "collections.items",
                               "collections.vectors",
                               "collections.ef_construction",
                               "collections.dropped_up_to",
                               "collections.vector_form",
                               "collections.fields",
                               "collections.text_fields",
                               "field_values.collection",
                               "field_values.field",
                               "field_values.kind",
                               "field_values.value",
                               "field_values.label",
                               "text_1_data.block",
                               "text_1_docsize.sz",
                               "text_1_idx.term",
                               "text_1_idx.pgno",
                               "text_1_config.v"};
  const std::string both = columns[below(columns.size(), random)];
  const auto dot = both.find('.');
  const auto table = both.substr(0, dot);
  const auto column = both.substr(dot + 1);
  const std::array<std::string, 8> values{absurd_number(random),
                                          absurd_number(random),
                                          column + " + 1",
                                          "''",
                                          "'word'",
                                          "zeroblob(100)",
                                          "CAST(substr(" + column + ", 1, 8) AS BLOB)",
                                          "CAST(" + column + " || x'00' AS BLOB)"};
  return "UPDATE OR IGNORE " + table + " SET " + column + " = " + values[below(values.size(), random)];
}

std::string chosen_rows(raw_file& raw, const std::string& table, std::mt19937& random) {
  const auto rows = static_cast<std::size_t>(raw.number("SELECT count(*) FROM " + table));
  // Of tables without rowids, their keys.
  const std::string key = table == "field_values" ? "(collection, field, kind, value, label)"
    : table == "text_1_idx"                       ? "(segid, term)"
    : table == "text_1_config"                    ? "k"
                                                  : "rowid";
  const auto columns = key.front() == '(' ? key.substr(1, key.size() - 2) : key;
  return " WHERE " + key + " IN (SELECT " + columns + " FROM " + table + " LIMIT "
    + std::to_string(1 + below(3, random)) + " OFFSET " + std::to_string(below(rows, random)) + ")";
}

std::string removal_of_rows(raw_file& raw, std::mt19937& random) {
  constexpr std::array tables{"items", "vectors",      "pending",     "deletions",      "bases",      "chunks",
                              "file",  "field_values", "text_1_data", "text_1_docsize", "text_1_idx", "text_1_config"};
  const std::string table = tables[below(tables.size(), random)];
  return "DELETE FROM " + table + chosen_rows(raw, table, random);
}

} // namespace

std::string damage_by_sql(const std::string& path, std::mt19937& random) {
  raw_file raw{path};
  std::string sql;
  switch (below(5, random)) {
  case 0: sql = absurd_manifest(raw, random); break;
  case 1: sql = removal_of_rows(raw, random); break;
  default: {
    sql = change_of_row(random);
    const auto table = sql.substr(17, sql.find(' ', 17) - 17);
    sql += chosen_rows(raw, table, random);
  }
  }
  raw.run(sql);
  return sql;
}

} // namespace lodge::test
