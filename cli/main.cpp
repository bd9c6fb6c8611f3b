// The `lodge` command: reads the command line and calls what it names.

#include "cli/commands.hpp"
#include "cli/version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace {

constexpr const char* exit_codes = "Exit codes: 0 done; 1 the answer is no (damage was found, a key is not there); "
                                   "2 failed; 130 interrupted.";

void add_all(CLI::App& tool, int& code) {
  using namespace lodge::cli;
  for (const auto add : {add_import, add_search, add_get, add_put, add_remove, add_collections, add_drop, add_stats,
                         add_watch, add_compact, add_check, add_export, add_backup, add_completion, add_man})
    add(tool, code);
}

/// Whether the first word is no command. CLI11 would only say that a command is needed.
bool names_no_command(const CLI::App& tool, int argc, char** argv) {
  return argc > 1 && argv[1][0] != '-'
    && tool.get_subcommands([&](const CLI::App* each) { return each->get_name() == argv[1]; }).empty();
}

int say_unknown(const CLI::App& tool, const char* word) {
  std::fprintf(stderr, "lodge: there is no command '%s'; there are", word);
  for (const auto* command : tool.get_subcommands([](const CLI::App* each) { return !each->get_group().empty(); }))
    std::fprintf(stderr, " %s", command->get_name().c_str());
  std::fprintf(stderr, "\n");
  return lodge::cli::failed;
}

/// A full disk behind standard output is a failure; a reader that went away is none of ours.
int code_after_output(int code) {
  errno = 0;
  const auto written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.flush();
  if (written || errno == EPIPE)
    return code;
  std::fprintf(stderr, "lodge: io_error: standard output cannot be written: %s\n", std::strerror(errno));
  return lodge::cli::failed;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App tool{"lodge: a vector store in one SQLite file", "lodge"};
  tool.require_subcommand(1);
  tool.set_version_flag("--version", std::string{"lodge "} + lodge::cli::version);
  tool.footer(exit_codes);
  tool.failure_message(CLI::FailureMessage::simple);
  int code = lodge::cli::succeeded;
  add_all(tool, code);
  if (names_no_command(tool, argc, argv))
    return say_unknown(tool, argv[1]);
  if (argc == 1) {
    std::fprintf(stderr, "%s", tool.help().c_str());
    return lodge::cli::failed;
  }
  try {
    tool.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    return tool.exit(failure) == 0 ? code_after_output(lodge::cli::succeeded) : lodge::cli::failed;
  }
  return code_after_output(code);
}
