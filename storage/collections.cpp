#include "storage/collections.hpp"

#include "storage/metadata_path.hpp"
#include "storage/sqlite.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace lodge::storage {

namespace {

// The index says which; the rows say what they are, since SQLite would take a name from a damaged index that leads to
// another collection's row. The unary plus keeps it from doing so.
const std::string select_living =
  "SELECT id, name, dimension, metric, m, ef_construction, items, vectors, created_at, dropped_up_to,"
  " vector_form, fields, text_fields"
  " FROM collections WHERE +dropped_at IS NULL ";
const std::string living_ids = "(SELECT id FROM collections WHERE dropped_at IS NULL";

/// A collection's row has no checksum; what it says of sizes is to be such that memory can be asked for by it.
std::uint32_t number_within(const statement& row, int column, std::int64_t least, std::int64_t most) {
  const auto value = row.integer(column);
  if (value < least || value > most)
    throw failure{errc::corrupt,
                  "the collection '" + std::string{row.text(1)} + "' has " + std::to_string(value) + " where "
                    + std::to_string(least) + " to " + std::to_string(most) + " is possible"};
  return static_cast<std::uint32_t>(value);
}

bool is_path(const nlohmann::json& value) {
  return value.is_string() && check_path(value.get_ref<const std::string&>());
}

/// A JSON array of paths.
std::vector<std::string> paths(const statement& row, int column) {
  const auto parsed = nlohmann::json::parse(row.text(column), nullptr, false);
  std::vector<std::string> read;
  if (!parsed.is_array() || !std::ranges::all_of(parsed, is_path))
    throw failure{errc::corrupt,
                  "the collection '" + std::string{row.text(1)} + "' has the fields '" + std::string{row.text(column)}
                    + "'"};
  for (const auto& each : parsed)
    read.push_back(each.get<std::string>());
  return read;
}

collection_row read_row(const statement& row) {
  const auto metric = metric_from_string(std::string{row.text(3)});
  if (!metric)
    throw failure{errc::corrupt, "a collection has the metric '" + std::string{row.text(3)} + "'"};
  const auto form = vector_form_from_string(std::string{row.text(10)});
  if (!form)
    throw failure{errc::corrupt, "a collection has the vector form '" + std::string{row.text(10)} + "'"};
  collection_info info{std::string{row.text(1)},
                       number_within(row, 2, 1, 65'536),
                       *metric,
                       number_within(row, 4, 4, 128),
                       number_within(row, 5, 8, 4'096),
                       row.number(6),
                       row.number(7),
                       *form,
                       paths(row, 11),
                       paths(row, 12)};
  return {row.number(0), std::move(info), row.number(8), 0, row.number(9)};
}

} // namespace

std::vector<collection_row> list_collections(connection& on) {
  std::vector<collection_row> found;
  for (statement query{on, (select_living + "AND id IN " + living_ids + ") ORDER BY name").c_str()}; query.step();)
    found.push_back(read_row(query));
  return found;
}

std::optional<collection_row> find_collection(connection& on, std::string_view name) {
  statement query{on, (select_living + "AND id IN " + living_ids + " AND name = ?)").c_str()};
  if (!query.with(name).step())
    return std::nullopt;
  auto found = read_row(query);
  if (found.info.name != name)
    throw failure{errc::corrupt,
                  "the index of the collections leads from '" + std::string{name} + "' to '" + found.info.name + "'"};
  return found;
}

collection_row require_collection(connection& on, collection_id id) {
  statement query{on, (select_living + "AND id = ?").c_str()};
  if (!query.with(id).step())
    throw failure{errc::collection_dropped, "the collection was dropped"};
  return read_row(query);
}

} // namespace lodge::storage
