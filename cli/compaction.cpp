#include "cli/compaction.hpp"

#include "cli/commands.hpp"
#include "cli/progress.hpp"

namespace lodge::cli {

int compact_one(const std::string& name, collection& chosen) {
  progress bar{"compacting " + name, 0};
  auto done =
    chosen.compact([&](const collection_stats& seen) { show_state("compacting " + name + ": " + seen.compaction); });
  clear_state();
  if (!done)
    return report(done.error());
  bar.finish(done->vectors, ", all in the base");
  return succeeded;
}

} // namespace lodge::cli
