#include "cli/commands.hpp"
#include "cli/each_collection.hpp"
#include "cli/interruption.hpp"
#include "cli/progress.hpp"
#include "cli/text.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace lodge::cli {

namespace {

int compact(const collection_choice& choice, bool rebuild) {
  const interruption stop;
  auto db = open_file(choice.file);
  if (!db)
    return report(db.error());
  const auto all = db->collections();
  if (all && all->empty())
    std::fprintf(stderr, "%s has no collections\n", choice.file.c_str());
  return each_collection(*db, choice, [&](const std::string& name, collection& chosen) {
    return compact_one(*db, name, chosen, stop, rebuild);
  });
}

} // namespace

int compact_one(database& db, const std::string& name, collection& chosen, const interruption& stop, bool rebuild) {
  progress bar{"compacting " + name};
  bool stopped = false;
  const auto show = [&](const collection_stats& seen) {
    bar.show(seen.compaction);
    // The compaction ends with the closed file.
    if (stop.arrived() && !std::exchange(stopped, true))
      db.close().ignore();
  };
  const auto done = rebuild ? chosen.rebuild(show) : chosen.compact(show);
  if (!done && stopped) {
    bar.finish("interrupted: " + name + " has the base that it had; all rows are stored");
    return interrupted;
  }
  bar.clear();
  if (!done)
    return report(done.error());
  const auto vectors = counted(done->vectors, "vector", "vectors");
  bar.finish(done->rebuilt ? "compacted " + name + ": " + vectors + " in " + duration_text(bar.seconds())
                           : name + ": nothing to do, the base holds all " + vectors + " already");
  return succeeded;
}

void add_compact(CLI::App& tool, int& code) {
  auto options = std::make_shared<collection_choice>();
  auto rebuild = std::make_shared<bool>(false);
  auto* command = tool.add_subcommand("compact", "Let the graph hold all that lives, and give free space back");
  add_choice(*command, *options);
  command->add_flag("--rebuild", *rebuild,
                    "Build it anew; else what was removed takes space until it is 30 % of the graph");
  command->footer("Example:\n  lodge compact words.lodge words");
  command->callback([options, rebuild, &code] { code = compact(*options, *rebuild); });
}

} // namespace lodge::cli
