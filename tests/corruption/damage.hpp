#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace lodge::test {

struct good_file;

/// Which pages (from 1) belong to what: names of tables and indexes, "free" for the rest. Nothing where this SQLite
/// cannot tell.
using page_map = std::map<std::string, std::vector<std::size_t>>;
page_map pages_of(const std::string& path);

/// What was done to a file, in words, and which of its parts it touched.
struct damage_done {
  std::string what;
  /// The file has a WAL, and only that was damaged: what it gives then is an older state, and no error.
  bool wal_only = false;
  /// The main file belongs to this state of `good_file::states`, unless `wal_only`.
  std::size_t state = 0;
};

/// Writes the file, and its WAL if it is to have one, damaged as the seed says.
damage_done damage(const good_file& good, const page_map& pages, std::uint32_t seed, const std::string& path);

/// Damages a file by SQL as the seed says: rows, manifests and counters with values that no page damage would give.
std::string damage_by_sql(const std::string& path, std::mt19937& random);

} // namespace lodge::test
