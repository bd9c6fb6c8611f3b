#include "cli/described.hpp"

#include <CLI/CLI.hpp>

namespace lodge::cli {

std::vector<const CLI::App*> shown_commands(const CLI::App& tool) {
  return tool.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> choices_of(const CLI::Option& option) {
  // CLI11 describes a choice as "{a,b,c}" in the type's name.
  const auto type = option.get_type_name();
  const auto begin = type.find('{');
  const auto end = type.find('}');
  std::vector<std::string> choices;
  if (begin == std::string::npos || end == std::string::npos)
    return choices;
  std::istringstream words{type.substr(begin + 1, end - begin - 1)};
  for (std::string word; std::getline(words, word, ',');)
    choices.push_back(word);
  return choices;
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames())
    names.push_back("-" + name);
  for (const auto& name : option.get_lnames())
    names.push_back("--" + name);
  return names;
}

} // namespace lodge::cli
