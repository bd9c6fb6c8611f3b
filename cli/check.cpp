#include "cli/commands.hpp"
#include "cli/deep_check.hpp"
#include "cli/each_collection.hpp"
#include "cli/progress.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace lodge::cli {

namespace {

struct check_options {
  std::string file;
  bool deep = false;
};

void print(const finding& what) {
  std::printf("%-4s %s: %s\n", what.sound ? "ok" : "BAD", what.subject.c_str(), what.detail.c_str());
}

int check_searches(const std::string& name, const collection& chosen, const interruption& stop, bool& sound) {
  const auto vectors = chosen.stats();
  if (!vectors)
    return report(vectors.error());
  progress bar{"searching " + name};
  const auto seen = search_each_by_itself(chosen, stop, [&](std::uint64_t done) {
    bar.show(done, static_cast<double>(done) / static_cast<double>(std::max<std::uint64_t>(vectors->vectors, 1)));
  });
  bar.clear();
  if (stop.arrived()) {
    bar.finish("interrupted");
    return interrupted;
  }
  if (!seen)
    return report(seen.error());
  const auto found = finding_of(name, *seen);
  print(found);
  sound = sound && found.sound;
  return succeeded;
}

int check_deeply(const std::string& file, const interruption& stop, bool& sound) {
  auto db = open_to_read(file);
  if (!db)
    return report(db.error());
  return each_collection(*db, {file, ""}, [&](const std::string& name, const collection& chosen) {
    return check_searches(name, chosen, stop, sound);
  });
}

int check(const check_options& options) {
  const auto checked = lodge::check(options.file, print);
  if (!checked)
    return report(checked.error());
  auto sound = *checked;
  if (options.deep) {
    const interruption stop;
    if (const auto code = check_deeply(options.file, stop, sound); code != succeeded)
      return code;
  }
  std::printf("%s\n", sound ? "all is sound" : "damage was found");
  return sound ? succeeded : answered_no;
}

} // namespace

void add_check(CLI::App& tool, int& code) {
  auto options = std::make_shared<check_options>();
  auto* command = tool.add_subcommand("check", "Verify all that can be verified; exit code 1 if something is damaged");
  command->add_option("file", options->file, "Database")->required();
  command->add_flag("--deep", options->deep,
                    "Search every live vector by itself too: one that exact search misses is damage, those that the "
                    "graph alone misses are counted");
  command->footer("Example:\n  lodge check words.lodge --deep");
  command->callback([options, &code] { code = check(*options); });
}

} // namespace lodge::cli
