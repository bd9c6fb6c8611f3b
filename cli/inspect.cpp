#include "cli/commands.hpp"
#include "cli/compaction.hpp"

#include <lodge/check.hpp>
#include <lodge/database.hpp>

#include <cstdio>
#include <functional>

namespace lodge::cli {

namespace {

/// Calls the function for the chosen collection, or for all.
int for_each_collection(const collection_choice& options,
                        const std::function<int(const std::string&, collection&)>& each) {
  auto db = database::open(options.file, {.create = false});
  if (!db)
    return report(db.error());
  std::vector<std::string> names{options.collection};
  if (options.collection.empty()) {
    auto all = db->collections();
    if (!all)
      return report(all.error());
    names.clear();
    for (const auto& info : *all)
      names.push_back(info.name);
  }
  for (const auto& name : names) {
    auto chosen = db->collection(name);
    if (!chosen)
      return report(chosen.error());
    if (const auto code = each(name, *chosen); code != succeeded)
      return code;
  }
  return succeeded;
}

unsigned long long number(std::uint64_t value) { return value; }
double mebibytes(std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

void print(const std::string& name, const collection_stats& seen) {
  std::printf("%s\n", name.c_str());
  std::printf("  dimension      %llu, %s\n", number(seen.dimension), to_string(seen.metric).c_str());
  std::printf("  items          %llu, %llu with a vector\n", number(seen.items), number(seen.vectors));
  std::printf("  dead rows      %llu\n", number(seen.dead_rows));
  std::printf("  last change    %llu\n", number(seen.last_number));
  if (seen.base_version == 0)
    std::printf("  base           none yet\n");
  else
    std::printf("  base           version %llu, %llu vectors, %.1f MiB, covers change %llu\n",
                number(seen.base_version), number(seen.base_vectors), mebibytes(seen.base_bytes),
                number(seen.base_covers));
  std::printf("  since then     %llu changes; %llu log entries\n", number(seen.changes_since_base),
              number(seen.log_entries));
  std::printf("  compaction     %s%s%s\n", seen.compaction.c_str(),
              seen.compaction_error.empty() ? "" : ", last error: ", seen.compaction_error.c_str());
  std::printf("  file           %.1f MiB, WAL %.1f MiB\n", mebibytes(seen.file_bytes), mebibytes(seen.wal_bytes));
}

} // namespace

int stats(const collection_choice& options) {
  return for_each_collection(options, [](const std::string& name, const collection& chosen) {
    auto seen = chosen.stats();
    if (!seen)
      return report(seen.error());
    print(name, *seen);
    return succeeded;
  });
}

int compact(const collection_choice& options) { return for_each_collection(options, compact_one); }

int check(const std::string& file) {
  auto sound = lodge::check(file, [](const finding& what) {
    std::printf("%-4s %s: %s\n", what.sound ? "ok" : "BAD", what.subject.c_str(), what.detail.c_str());
  });
  if (!sound)
    return report(sound.error());
  return *sound ? succeeded : found_wrong;
}

} // namespace lodge::cli
