// The `lodge` command: reads the command line and calls what it names.

#include "cli/commands.hpp"
#include "cli/version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <iostream>
#include <new>
#include <string>
#include <vector>

namespace {

constexpr const char* exit_codes = "Exit codes: 0 done; 1 the answer is no (damage was found, a key is not there); "
                                   "2 failed; 130 interrupted.";

void add_all(CLI::App& tool, int& code) {
  using namespace lodge::cli;
  for (const auto add : {add_import, add_search, add_get, add_put, add_remove, add_count, add_collections, add_drop,
                         add_stats, add_watch, add_compact, add_check, add_export, add_backup, add_completion, add_man})
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
  if (written || errno == EPIPE || code == lodge::cli::failed)
    return code;
  std::fprintf(stderr, "lodge: io_error: standard output cannot be written%s%s\n", errno == 0 ? "" : ": ",
               errno == 0 ? "" : std::strerror(errno));
  return lodge::cli::failed;
}

/// CLI11 takes a word in brackets apart at its commas, and a key may be such a word. So it is shown none: the words get
/// a mark, which is taken off what the options are given.
constexpr char bracket_mark = '\x1f';

std::vector<std::string> marked_words(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  for (auto& word : words)
    if (word.starts_with('[') && word.ends_with(']'))
      word += bracket_mark;
  // In the order that CLI11 takes them off.
  std::ranges::reverse(words);
  return words;
}

void take_marks_off(CLI::App& tool) {
  for (auto* command : tool.get_subcommands([](CLI::App*) { return true; }))
    for (auto* option : command->get_options([](const CLI::Option* each) { return each->get_type_size() > 0; }))
      option->transform([](std::string word) {
        if (word.ends_with(bracket_mark))
          word.pop_back();
        return word;
      });
}

/// What is opened later must not be taken for a standard stream that the caller has closed.
void fill_closed_streams() {
  for (int descriptor = 0; descriptor < 3; ++descriptor)
    if (fcntl(descriptor, F_GETFD) < 0) [[maybe_unused]]
      const auto opened = open("/dev/null", O_RDWR);
}

int run(int argc, char** argv) {
  CLI::App tool{"lodge: a vector store in one SQLite file", "lodge"};
  tool.require_subcommand(1);
  tool.set_version_flag("--version", std::string{"lodge "} + lodge::cli::version);
  tool.footer(exit_codes);
  tool.failure_message([](const CLI::App*, const CLI::Error& why) {
    return "lodge: " + std::string{why.what()} + "; --help behind a command shows what it takes\n";
  });
  int code = lodge::cli::succeeded;
  add_all(tool, code);
  take_marks_off(tool);
  if (names_no_command(tool, argc, argv))
    return say_unknown(tool, argv[1]);
  if (argc == 1) {
    std::fprintf(stderr, "%s", tool.help().c_str());
    return lodge::cli::failed;
  }
  try {
    auto words = marked_words(argc, argv);
    tool.parse(words);
  } catch (const CLI::ParseError& failure) {
    return tool.exit(failure) == 0 ? code_after_output(lodge::cli::succeeded) : lodge::cli::failed;
  }
  return code_after_output(code);
}

} // namespace

int main(int argc, char** argv) {
  fill_closed_streams();
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    return lodge::cli::report({lodge::errc::out_of_memory, "there is not enough memory"});
  } catch (const std::exception& failure) {
    return lodge::cli::report({lodge::errc::internal, failure.what()});
  }
}
