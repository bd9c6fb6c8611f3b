#include "cli/commands.hpp"
#include "cli/each_collection.hpp"
#include "cli/figures.hpp"
#include "cli/interruption.hpp"
#include "cli/source.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <ctime>
#include <memory>
#include <poll.h>
#include <unistd.h>

namespace lodge::cli {

namespace {

struct stats_options {
  collection_choice choice;
  bool json = false;
  /// Of watch.
  double interval = 1;
};

int read_stats(database& db, const collection_choice& choice, std::vector<named_stats>& into) {
  return each_collection(db, choice, [&](const std::string& name, const collection& chosen) {
    const auto seen = chosen.stats();
    if (!seen)
      return report(seen.error());
    into.push_back({name, *seen});
    return succeeded;
  });
}

int stats(const stats_options& options) {
  auto db = open_to_read(options.choice.file);
  if (!db)
    return report(db.error());
  // The bytes by kind are of all collections, also where one is shown.
  std::vector<named_stats> all;
  if (const auto code = read_stats(*db, {options.choice.file, ""}, all); code != succeeded)
    return code;
  std::vector<named_stats> shown;
  if (const auto code = read_stats(*db, options.choice, shown); code != succeeded)
    return code;
  auto bytes = bytes_by_kind(all);
  if (all.empty())
    bytes.file = bytes.rest = size_of_file(options.choice.file).value_or(0);
  if (options.json) {
    std::printf("%s\n", to_json(shown, bytes).c_str());
    return succeeded;
  }
  for (const auto& one : shown)
    std::printf("%s", to_text(one).c_str());
  if (all.empty())
    std::printf("no collections\n");
  std::printf("%s", to_text(bytes).c_str());
  return succeeded;
}

std::string time_of_day() {
  const auto now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  std::array<char, 16> text{};
  std::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
  return text.data();
}

int watch(const stats_options& options) {
  const interruption stop;
  auto db = open_to_read(options.choice.file);
  if (!db)
    return report(db.error());
  const auto terminal = isatty(STDOUT_FILENO) == 1;
  while (!stop.arrived()) {
    std::vector<named_stats> seen;
    if (const auto code = read_stats(*db, options.choice, seen); code != succeeded)
      return code;
    if (terminal) {
      std::printf("\033[H\033[J%s  %s  (Ctrl-C ends)\n", time_of_day().c_str(), options.choice.file.c_str());
      for (const auto& one : seen)
        std::printf("%s", to_text(one).c_str());
      if (options.choice.collection.empty())
        std::printf("%s", to_text(bytes_by_kind(seen)).c_str());
    } else {
      for (const auto& one : seen)
        std::printf("%s %s\n", time_of_day().c_str(), to_line(one).c_str());
    }
    if (std::fflush(stdout) != 0)
      return failed;
    pollfd signals{stop.descriptor(), POLLIN, 0};
    poll(&signals, 1, static_cast<int>(options.interval * 1000));
  }
  return interrupted;
}

} // namespace

void add_stats(CLI::App& tool, int& code) {
  auto options = std::make_shared<stats_options>();
  auto* command = tool.add_subcommand("stats", "Show counts, where the bytes are, and the state of the compaction");
  add_choice(*command, options->choice);
  command->add_flag("--json", options->json, "One JSON object");
  command->footer("Example:\n  lodge stats words.lodge");
  command->callback([options, &code] { code = stats(*options); });
}

void add_watch(CLI::App& tool, int& code) {
  auto options = std::make_shared<stats_options>();
  auto* command = tool.add_subcommand("watch", "Show stats again and again, until Ctrl-C; lines if it is no terminal");
  add_choice(*command, options->choice);
  command->add_option("--interval", options->interval, "Seconds in between")
    ->check(CLI::Range(0.1, 86'400.0))
    ->capture_default_str();
  command->footer("Example:\n  lodge watch words.lodge --interval 0.5");
  command->callback([options, &code] { code = watch(*options); });
}

} // namespace lodge::cli
