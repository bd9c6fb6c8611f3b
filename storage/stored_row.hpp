#pragma once

#include "storage/rows.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lodge::storage {

class statement;
struct failure;

/// The columns of `select_stored_row`, checked against both checksums. Views into the statement's current row.
struct stored_row {
  std::uint64_t label = 0;
  std::uint64_t collection = 0;
  std::string_view key;
  std::string_view metadata;
  bool has_vector = false;
  std::span<const std::uint8_t> vector;
  std::uint64_t died_at = 0;

  std::vector<float> values() const;
};

/// To be followed by a condition on `i`, the row of `items`.
inline const std::string select_stored_row =
  "SELECT i.label, i.collection, i.key, i.metadata, i.has_vector, i.checksum, i.died_at, v.checksum, v.vector"
  " FROM items i LEFT JOIN vectors v ON v.label = i.label ";

/// The same without the vector, to read what is written in the item's row only.
inline const std::string stored_item_columns =
  "i.label, i.collection, i.key, i.metadata, i.has_vector, i.checksum, i.died_at";
inline const std::string select_stored_item = "SELECT " + stored_item_columns + " FROM items i ";
stored_row checked_item(const statement& row);

/// The columns of an item's row in `vectors`.
struct stored_vector {
  std::uint64_t checksum = 0;
  std::span<const std::uint8_t> bytes;
};
/// Its bytes, once they are known to be those of this item.
std::span<const std::uint8_t> checked_vector(const stored_row& item, const stored_vector& vector,
                                             std::size_t dimension);
/// The same where only the label is known.
std::span<const std::uint8_t> checked_vector(std::uint64_t label, const stored_vector& vector, std::size_t dimension);
/// The vector of an item is not there, or not its own.
failure vector_damage(const stored_row& item);

/// Throws `failure` with errc::corrupt if a checksum or the vector's size is wrong.
stored_row checked_row(const statement& row, std::size_t dimension);

} // namespace lodge::storage
