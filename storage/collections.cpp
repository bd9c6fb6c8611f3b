#include "storage/collections.hpp"

#include "storage/sqlite.hpp"

#include <string>

namespace lodge::storage {

namespace {

const std::string select_living =
  "SELECT id, name, dimension, metric, m, ef_construction, items, vectors, created_at, dropped_up_to"
  " FROM collections WHERE dropped_at IS NULL ";

collection_row read_row(const statement& row) {
  const auto metric = metric_from_string(std::string{row.text(3)});
  if (!metric)
    throw failure{errc::corrupt, "a collection has the metric '" + std::string{row.text(3)} + "'"};
  collection_info info{std::string{row.text(1)},
                       static_cast<std::uint32_t>(row.integer(2)),
                       *metric,
                       static_cast<std::uint32_t>(row.integer(4)),
                       static_cast<std::uint32_t>(row.integer(5)),
                       row.number(6),
                       row.number(7)};
  return {row.number(0), std::move(info), row.number(8), 0, row.number(9)};
}

} // namespace

std::vector<collection_row> list_collections(connection& on) {
  std::vector<collection_row> found;
  for (statement query{on, (select_living + "ORDER BY name").c_str()}; query.step();)
    found.push_back(read_row(query));
  return found;
}

std::optional<collection_row> find_collection(connection& on, std::string_view name) {
  statement query{on, (select_living + "AND name = ?").c_str()};
  if (!query.with(name).step())
    return std::nullopt;
  return read_row(query);
}

collection_row require_collection(connection& on, collection_id id) {
  statement query{on, (select_living + "AND id = ?").c_str()};
  if (!query.with(id).step())
    throw failure{errc::collection_dropped, "the collection was dropped"};
  return read_row(query);
}

} // namespace lodge::storage
