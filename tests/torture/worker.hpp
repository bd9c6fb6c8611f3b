#pragma once

#include "tests/torture/plan.hpp"

#include <lodge/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace lodge::torture {

/// What one process is told.
struct assignment {
  std::string database;
  std::uint64_t seed = 1;
  unsigned processes = 1;
  unsigned number = 0;
  unsigned life = 0;
  /// Where it kills itself: a point of `points.hpp`, or empty.
  std::string dies_at = {};
};

std::vector<std::string> to_words(const assignment& what);
std::optional<assignment> to_assignment(const std::vector<std::string>& words);

/// Random operations in some threads, with the database closed and opened again at times, until SIGTERM.
int work(const assignment& what);

/// The collection that all processes write to, compacted often.
database_options options_of_workers();
result<collection> open_things(database& db);

} // namespace lodge::torture
