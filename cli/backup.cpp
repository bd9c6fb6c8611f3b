#include "cli/commands.hpp"
#include "cli/source.hpp"
#include "cli/text.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace lodge::cli {

namespace {

struct backup_options {
  std::string file;
  std::string target;
};

int backup(const backup_options& options) {
  auto db = open_to_read(options.file);
  if (!db)
    return report(db.error());
  if (const auto done = db->backup(options.target); !done)
    return report(done.error());
  std::fprintf(stderr, "backed up to %s, %s\n", options.target.c_str(),
               size_text(size_of_file(options.target).value_or(0)).c_str());
  return succeeded;
}

} // namespace

void add_backup(CLI::App& tool, int& code) {
  auto options = std::make_shared<backup_options>();
  auto* command = tool.add_subcommand("backup", "Copy a file as of now, also while others write to it");
  command->add_option("file", options->file, "Database")->required();
  command->add_option("target", options->target, "New file")->required();
  command->footer("Example:\n  lodge backup words.lodge words-backup.lodge");
  command->callback([options, &code] { code = backup(*options); });
}

} // namespace lodge::cli
