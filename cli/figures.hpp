#pragma once

#include <lodge/types.hpp>

#include <string>
#include <vector>

/// What `stats` and `watch` show.
namespace lodge::cli {

struct named_stats {
  std::string name;
  collection_stats seen;
};

/// Where the bytes of a file are. The parts are of all collections, so that `rest` is what none of them explains:
/// keys, metadata, logs, indexes and what the pages cost.
struct file_bytes {
  std::uint64_t file = 0;
  /// Vectors that live, at 4 bytes a value.
  std::uint64_t vectors = 0;
  std::uint64_t bases = 0;
  std::uint64_t free = 0;
  std::uint64_t rest = 0;
  std::uint64_t wal = 0;
};
file_bytes bytes_by_kind(const std::vector<named_stats>& all);

std::string to_text(const named_stats& one);
std::string to_text(const file_bytes& bytes);
/// One JSON object.
std::string to_json(const std::vector<named_stats>& shown, const file_bytes& bytes);
/// One short line: "words: 10,000 items, 0 dead, 12 changes since the base, idle".
std::string to_line(const named_stats& one);

} // namespace lodge::cli
