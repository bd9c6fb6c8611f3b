#pragma once

#include "tests/torture/cells.hpp"

#include <lodge/database.hpp>

#include <optional>
#include <string>

/// What must be true of every answer, whoever writes meanwhile.
namespace lodge::torture {

/// What a cell was seen to hold.
struct sight {
  bool present = false;
  std::uint64_t vector_of = 0;
  std::uint64_t operation = 0;
  /// Of its last item.
  std::uint64_t number = 0;
};

/// A cell by the records of one snapshot that are its own. A string says what is wrong: items that are missing, or are
/// of several operations, or whose vectors are not what their metadata say.
result<sight> look(const cell& where, const std::vector<record>& records);

/// What is wrong with hits that came with their metadata; nothing if all is well: their order, a key twice, a score
/// that is not the distance to the vector that the metadata name.
std::string wrong_with(const cell_list& cells, const std::vector<float>& query, const hits& found);

/// The cell that a key belongs to.
std::optional<std::uint32_t> cell_of(const cell_list& cells, const std::string& key);

} // namespace lodge::torture
