#include "cli/commands.hpp"
#include "cli/described.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace lodge::cli {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string command_names(const CLI::App& tool) {
  std::vector<std::string> names;
  for (const auto* command : shown_commands(tool))
    names.push_back(command->get_name());
  return joined(names);
}

std::string option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* option : options_of(command))
    for (const auto& name : names_of(*option))
      names.push_back(name);
  return joined(names);
}

std::string bash_function(const CLI::App& tool) {
  std::string text = "_lodge() {\n"
                     "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                     "  local command=${COMP_WORDS[1]} words=\n"
                     "  COMPREPLY=()\n"
                     "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                     "    COMPREPLY=($(compgen -W '"
    + command_names(tool) + " --help --version' -- \"$word\"))\n    return\n  fi\n  case \"$command $before\" in\n";
  for (const auto* command : shown_commands(tool))
    for (const auto* option : options_of(*command))
      if (const auto choices = choices_of(*option); !choices.empty())
        for (const auto& name : names_of(*option))
          text += "  '" + command->get_name() + " " + name + "') COMPREPLY=($(compgen -W '" + joined(choices)
            + "' -- \"$word\")); return ;;\n";
  text += "  esac\n  if [[ $word == -* ]]; then\n    case $command in\n";
  for (const auto* command : shown_commands(tool))
    text += "    " + command->get_name() + ") words='" + option_names(*command) + "' ;;\n";
  return text
    + "    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n  else\n"
      "    COMPREPLY=($(compgen -f -- \"$word\"))\n  fi\n}\n";
}

std::string bash(const CLI::App& tool) {
  return "# Completion of lodge for bash.\n" + bash_function(tool) + "complete -o filenames -F _lodge lodge\n";
}

/// zsh's own syntax for a text in brackets or after a colon.
std::string zsh_text(const std::string& text) {
  std::string made;
  for (const auto byte : text) {
    if (byte == '\'')
      made += "'\\''";
    else if (byte == '[' || byte == ']' || byte == ':')
      made += std::string{"\\"} + byte;
    else
      made += byte;
  }
  return made;
}

std::string zsh_arguments(const CLI::App& command) {
  std::string text;
  for (const auto* option : options_of(command))
    for (const auto& name : names_of(*option)) {
      text += " \\\n        '*" + name + "[" + zsh_text(option->get_description()) + "]";
      if (const auto choices = choices_of(*option); !choices.empty())
        text += ":value:(" + joined(choices) + ")";
      else if (takes_value(*option))
        text += ":value:_files";
      text += "'";
    }
  return text + " \\\n        '*:file:_files'";
}

std::string zsh(const CLI::App& tool) {
  std::string text = "#compdef lodge\n_lodge() {\n  if (( CURRENT == 2 )); then\n    local -a commands=(";
  for (const auto* command : shown_commands(tool))
    text += "\n      '" + command->get_name() + ":" + zsh_text(command->get_description()) + "'";
  text += ")\n    _describe command commands\n    return\n  fi\n  local command=$words[2]\n  shift words\n"
          "  (( CURRENT-- ))\n  case $command in\n";
  for (const auto* command : shown_commands(tool))
    text += "    " + command->get_name() + ")\n      _arguments" + zsh_arguments(*command) + " ;;\n";
  // Works from a folder of completions, and read by `source`.
  return text
    + "  esac\n}\nif [ \"$funcstack[1]\" = _lodge ]; then\n  _lodge \"$@\"\nelse\n  compdef _lodge lodge\nfi\n";
}

std::string fish_text(const std::string& text) {
  std::string made = "'";
  for (const auto byte : text)
    made += byte == '\'' || byte == '\\' ? std::string{"\\"} + byte : std::string{byte};
  return made + "'";
}

std::string fish(const CLI::App& tool) {
  std::string text = "# Completion of lodge for fish.\n";
  for (const auto* command : shown_commands(tool)) {
    text += "complete -c lodge -n __fish_use_subcommand -f -a " + command->get_name() + " -d "
      + fish_text(command->get_description()) + "\n";
    for (const auto* option : options_of(*command)) {
      text += "complete -c lodge -n '__fish_seen_subcommand_from " + command->get_name() + "'";
      for (const auto& name : option->get_snames())
        text += " -s " + name;
      for (const auto& name : option->get_lnames())
        text += " -l " + name;
      if (const auto choices = choices_of(*option); !choices.empty())
        text += " -x -a '" + joined(choices) + "'";
      else if (takes_value(*option))
        text += " -r";
      text += " -d " + fish_text(option->get_description()) + "\n";
    }
  }
  return text;
}

} // namespace

void add_completion(CLI::App& tool, int& code) {
  auto shell = std::make_shared<std::string>();
  auto* command = tool.add_subcommand("completion", "Write the completion script of a shell to standard output");
  command->add_option("shell", *shell, "bash, zsh or fish")
    ->required()
    ->check(CLI::IsMember({"bash", "zsh", "fish"}))
    ->type_name("");
  command->footer("Example:\n  source <(lodge completion bash)");
  command->callback([shell, &tool, &code] {
    const auto text = *shell == "bash" ? bash(tool) : *shell == "zsh" ? zsh(tool) : fish(tool);
    std::printf("%s", text.c_str());
    code = succeeded;
  });
}

} // namespace lodge::cli
