#include "cli/commands.hpp"
#include "cli/described.hpp"
#include "cli/version.hpp"

#include <CLI/CLI.hpp>

#include <cctype>
#include <cstdio>

namespace lodge::cli {

namespace {

/// Text in roff: no command at the beginning of a line, and dashes that can be copied.
std::string roff(const std::string& text) {
  std::string made;
  bool at_start = true;
  for (const auto byte : text) {
    if (at_start && (byte == '.' || byte == '\''))
      made += "\\&";
    if (byte == '\\')
      made += "\\e";
    else if (byte == '-')
      made += "\\-";
    else
      made += byte;
    at_start = byte == '\n';
  }
  return made;
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string slanted(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string upper(std::string text) {
  for (auto& byte : text)
    byte = static_cast<char>(std::toupper(static_cast<unsigned char>(byte)));
  return text;
}

std::string positional_text(const CLI::Option& option) {
  auto text = slanted(upper(option.get_single_name()));
  if (option.get_items_expected_max() > 1)
    text += "...";
  return option.get_required() ? text : "[" + text + "]";
}

std::string option_text(const CLI::Option& option) {
  std::string text;
  for (const auto& name : names_of(option))
    text += (text.empty() ? "" : ", ") + bold(name);
  if (!takes_value(option))
    return text;
  const auto choices = choices_of(option);
  std::string value;
  for (const auto& choice : choices)
    value += (value.empty() ? "" : "|") + choice;
  return text + " " + slanted(value.empty() ? "VALUE" : value);
}

std::string default_text(const CLI::Option& option) {
  const auto value = option.get_default_str();
  return value.empty() ? "" : roff(" (default: " + value + ")");
}

std::string command_text(const CLI::App& command) {
  auto text = ".SS " + bold(command.get_name());
  for (const auto* option : positionals_of(command))
    text += " " + positional_text(*option);
  text += "\n" + roff(command.get_description()) + ".\n";
  for (const auto* option : positionals_of(command))
    text += ".TP\n" + positional_text(*option) + "\n" + roff(option->get_description()) + "\n";
  for (const auto* option : options_of(command))
    text += ".TP\n" + option_text(*option) + "\n" + roff(option->get_description()) + default_text(*option) + "\n";
  return text + ".PP\n.nf\n" + roff(command.get_footer()) + "\n.fi\n";
}

std::string page(const CLI::App& tool) {
  auto text = ".TH LODGE 1 \"\" \"lodge " + std::string{version} + "\" \"User Commands\"\n.SH NAME\nlodge \\- "
    + roff("a vector store in one SQLite file")
    + "\n.SH SYNOPSIS\n.B lodge\n.I COMMAND\n[\\fIARGUMENT\\fR...]\n.SH DESCRIPTION\n"
    + roff("Stores vectors under keys in collections of one SQLite file, and finds the nearest neighbours of others. "
           "Data goes to standard output, what is said about the progress to standard error.")
    + "\n.SH COMMANDS\n";
  for (const auto* command : shown_commands(tool))
    text += command_text(*command);
  return text + ".SH EXIT STATUS\n" + roff(tool.get_footer()) + "\n.SH SEE ALSO\n.BR sqlite3 (1)\n";
}

} // namespace

void add_man(CLI::App& tool, int& code) {
  auto* command = tool.add_subcommand("man", "Write the manual page")->group("");
  command->callback([&tool, &code] {
    std::printf("%s", page(tool).c_str());
    code = succeeded;
  });
}

} // namespace lodge::cli
