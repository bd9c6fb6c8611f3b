#pragma once

#include "storage/rows.hpp"
#include "storage/sqlite.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lodge::storage {

/// What a row of `field_values` says of the value at a declared place. Values are part of the format.
enum class field_kind : std::uint8_t { missing = 0, number = 1, text = 2, no = 3, yes = 4, null = 5, composite = 6 };

/// SQL: the kind of what a JSON text has at a path, both SQL expressions themselves.
std::string sql_field_kind(const std::string& json, const std::string& path);
/// The number or text there; '' for other kinds.
std::string sql_field_value(const std::string& json, const std::string& path);

/// The declared fields of collections, as the file has them: a JSON array of paths.
///
/// @returns The paths in order, each as SQLite takes it. Throws `failure` with errc::corrupt if they are none.
std::vector<std::string> json_paths(std::string_view fields);

/// The values of declared fields, of the rows of one collection, beside `items`.
///
/// The table has a row for each item and field, so that each condition on a field, a negation too, can be answered from
/// it alone. It is a table and not an index of SQLite's over expressions: making one reads all items of the file while
/// nobody else writes, each put compares with every one there is, and each is dropped in one piece.
class field_values {
public:
  explicit field_values(connection& on);

  void insert(collection_id collection, const std::vector<std::string>& paths, std::string_view metadata,
              std::uint64_t label);
  void remove(collection_id collection, const std::vector<std::string>& paths, std::string_view metadata,
              std::uint64_t label);

private:
  statement insert_;
  statement remove_;
};

} // namespace lodge::storage
