#include "cli/figures.hpp"

#include "cli/text.hpp"

#include <lodge/options.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lodge::cli {

namespace {

std::string base_text(const collection_stats& seen) {
  if (seen.base_version == 0)
    return "none yet";
  return "version " + std::to_string(seen.base_version) + ", " + counted(seen.base_vectors, "vector", "vectors") + ", "
    + size_text(seen.base_bytes) + ", covers change " + with_separators(seen.base_covers);
}

std::string compaction_text(const collection_stats& seen) {
  constexpr auto_compaction rule;
  auto text = seen.compaction;
  if (seen.changes_since_base >= std::max(rule.changes, seen.base_vectors * rule.percent / 100))
    text += "; due, see `lodge compact`";
  if (!seen.compaction_error.empty())
    text += "; last error: " + seen.compaction_error;
  return text;
}

std::string row(const std::string& name, const std::string& text) {
  constexpr std::size_t width = 15;
  return "  " + name + std::string(width - name.size(), ' ') + text + "\n";
}

} // namespace

file_bytes bytes_by_kind(const std::vector<named_stats>& all) {
  file_bytes sum;
  for (const auto& [name, seen] : all) {
    sum.vectors += seen.vectors * seen.dimension * sizeof(float);
    sum.bases += seen.base_bytes;
    sum.file = seen.file_bytes;
    sum.free = seen.free_bytes;
    sum.wal = seen.wal_bytes;
  }
  // What was committed and not checkpointed is in the WAL alone, so that the parts may be more than the file.
  const auto known = sum.vectors + sum.bases + sum.free;
  sum.rest = sum.file - std::min(known, sum.file);
  return sum;
}

std::string to_text(const named_stats& one) {
  const auto& seen = one.seen;
  return one.name + "\n" + row("vectors of", counted(seen.dimension, "value", "values") + ", " + to_string(seen.metric))
    + row("items", with_separators(seen.items) + ", " + with_separators(seen.vectors) + " with a vector")
    + row("dead", counted(seen.dead_rows, "row", "rows") + " not swept yet") + row("base", base_text(seen))
    + row("since then",
          counted(seen.changes_since_base, "change", "changes") + "; "
            + counted(seen.log_entries, "log entry", "log entries"))
    + row("last change", with_separators(seen.last_number)) + row("compaction", compaction_text(seen));
}

std::string to_text(const file_bytes& bytes) {
  return "file\n" + row("size", size_text(bytes.file)) + row("vectors", size_text(bytes.vectors))
    + row("bases", size_text(bytes.bases)) + row("free pages", size_text(bytes.free))
    + row("rest", size_text(bytes.rest)) + row("WAL", size_text(bytes.wal) + ", beside the file");
}

std::string to_json(const std::vector<named_stats>& shown, const file_bytes& bytes) {
  nlohmann::ordered_json made;
  made["file"] = {{"bytes", bytes.file},      {"vector_bytes", bytes.vectors}, {"base_bytes", bytes.bases},
                  {"free_bytes", bytes.free}, {"rest_bytes", bytes.rest},      {"wal_bytes", bytes.wal}};
  made["collections"] = nlohmann::ordered_json::array();
  for (const auto& [name, seen] : shown)
    made["collections"].push_back({{"name", name},
                                   {"dimension", seen.dimension},
                                   {"metric", to_string(seen.metric)},
                                   {"items", seen.items},
                                   {"vectors", seen.vectors},
                                   {"dead_rows", seen.dead_rows},
                                   {"last_number", seen.last_number},
                                   {"base_version", seen.base_version},
                                   {"base_vectors", seen.base_vectors},
                                   {"base_bytes", seen.base_bytes},
                                   {"base_covers", seen.base_covers},
                                   {"changes_since_base", seen.changes_since_base},
                                   {"log_entries", seen.log_entries},
                                   {"compaction", seen.compaction},
                                   {"compaction_error", seen.compaction_error}});
  return made.dump();
}

std::string to_line(const named_stats& one) {
  const auto& seen = one.seen;
  return one.name + ": " + counted(seen.items, "item", "items") + ", " + with_separators(seen.dead_rows) + " dead, "
    + counted(seen.changes_since_base, "change", "changes") + " since the base, file " + size_text(seen.file_bytes)
    + ", WAL " + size_text(seen.wal_bytes) + ", compaction " + compaction_text(seen);
}

} // namespace lodge::cli
