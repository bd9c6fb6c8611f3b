#pragma once

#include "tests/torture/cells.hpp"
#include "tests/torture/reading.hpp"

#include <map>
#include <set>
#include <string>

namespace lodge::torture {

/// What a file holds while nobody writes to it.
struct state {
  /// The last change of the file.
  std::uint64_t number = 0;
  /// Cells that are there.
  std::map<std::uint32_t, sight> cells;
  /// Cells that are collections without an item.
  std::set<std::uint32_t> empty;
};

/// Reads the whole file, and cries out unless it agrees with itself: `lodge check`, every item and vector, counts,
/// exact answers against a scan in here, the graph's answers for each vector by itself. Leaves what it saw in
/// `state_of` the database.
int observe(const std::string& database, unsigned clients);

state read_state(const std::string& path);

} // namespace lodge::torture
