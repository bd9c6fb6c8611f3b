#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

/// The command line as CLI11 knows it, for the manual page and the completions.
namespace lodge::cli {

/// The commands that people are shown.
std::vector<const CLI::App*> shown_commands(const CLI::App& tool);
/// Those with dashes; and those without, in their order.
std::vector<const CLI::Option*> options_of(const CLI::App& command);
std::vector<const CLI::Option*> positionals_of(const CLI::App& command);

bool takes_value(const CLI::Option& option);
/// The words that an option's value may be; empty for any.
std::vector<std::string> choices_of(const CLI::Option& option);
/// "--keys", "-k": the names of an option, dashes included.
std::vector<std::string> names_of(const CLI::Option& option);

} // namespace lodge::cli
