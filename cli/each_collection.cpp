#include "cli/each_collection.hpp"

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

namespace lodge::cli {

void add_choice(CLI::App& command, collection_choice& choice) {
  command.add_option("file", choice.file, "Database")->required();
  command.add_option("collection", choice.collection, "Collection; all if left out");
}

int each_collection(database& db, const collection_choice& choice,
                    const std::function<int(const std::string&, collection&)>& call) {
  std::vector<std::string> names{choice.collection};
  if (choice.collection.empty()) {
    const auto all = db.collections();
    if (!all)
      return report(all.error());
    names.clear();
    for (const auto& info : *all)
      names.push_back(info.name);
  }
  for (const auto& name : names) {
    auto chosen = find_collection(db, name);
    if (!chosen)
      return report(chosen.error());
    if (const auto code = call(name, *chosen); code != succeeded)
      return code;
  }
  return succeeded;
}

} // namespace lodge::cli
