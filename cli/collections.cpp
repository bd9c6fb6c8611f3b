#include "cli/commands.hpp"
#include "cli/formats/jsonl.hpp"
#include "cli/text.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace lodge::cli {

namespace {

struct list_options {
  std::string file;
  bool json = false;
};

struct drop_options {
  std::string file;
  std::string collection;
  bool yes = false;
};

int list(const list_options& options) {
  auto db = open_to_read(options.file);
  if (!db)
    return report(db.error());
  const auto all = db->collections();
  if (!all)
    return report(all.error());
  for (const auto& info : *all) {
    if (options.json)
      std::printf("{\"name\":%s,\"dimension\":%u,\"metric\":\"%s\",\"m\":%u,\"ef_construction\":%u,\"items\":%llu,"
                  "\"vectors\":%llu,\"vector_form\":\"%s\",\"fields\":%s,\"text_fields\":%s}\n",
                  quoted(info.name).c_str(), info.dimension, to_string(info.metric).c_str(), info.m,
                  info.ef_construction, static_cast<unsigned long long>(info.items),
                  static_cast<unsigned long long>(info.vectors), to_string(info.vector_form).c_str(),
                  nlohmann::json(info.fields).dump().c_str(), nlohmann::json(info.text_fields).dump().c_str());
    else
      std::printf("%s  %s, dimension %u, %s%s\n", info.name.c_str(), counted(info.items, "item", "items").c_str(),
                  info.dimension, to_string(info.metric).c_str(),
                  info.vector_form == vector_form::float32 ? "" : (", " + to_string(info.vector_form)).c_str());
  }
  if (all->empty() && !options.json)
    std::fprintf(stderr, "%s has no collections\n", options.file.c_str());
  return succeeded;
}

bool person_answers() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

bool person_confirms(const std::string& question) {
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "yes");
}

int drop(const drop_options& options) {
  auto opened = open_collection(options.file, options.collection);
  if (!opened)
    return report(opened.error());
  const auto items = opened->chosen.size();
  if (!items)
    return report(items.error());
  const auto what = "'" + options.collection + "' with " + counted(*items, "item", "items");
  if (!options.yes && !person_answers())
    return report({errc::invalid_argument, "to drop " + what + " without a terminal to confirm it, give --yes"});
  if (!options.yes && !person_confirms("Drop " + what + " for good?")) {
    std::fprintf(stderr, "nothing was dropped\n");
    return answered_no;
  }
  if (const auto done = opened->file.drop_collection(options.collection); !done)
    return report(done.error());
  std::fprintf(stderr, "dropped %s\n", what.c_str());
  return succeeded;
}

} // namespace

void add_collections(CLI::App& tool, int& code) {
  auto options = std::make_shared<list_options>();
  auto* command = tool.add_subcommand("collections", "List the collections of a file");
  command->add_option("file", options->file, "Database")->required();
  command->add_flag("--json", options->json, "A JSON line each");
  command->footer("Example:\n  lodge collections words.lodge");
  command->callback([options, &code] { code = list(*options); });
}

void add_drop(CLI::App& tool, int& code) {
  auto options = std::make_shared<drop_options>();
  auto* command = tool.add_subcommand("drop", "Drop a collection with all that is in it");
  command->add_option("file", options->file, "Database")->required();
  command->add_option("collection", options->collection, "Collection")->required();
  command->add_flag("--yes", options->yes, "Do not ask");
  command->footer("Example:\n  lodge drop words.lodge words --yes");
  command->callback([options, &code] { code = drop(*options); });
}

} // namespace lodge::cli
