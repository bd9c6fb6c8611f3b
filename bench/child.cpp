#include "bench/child.hpp"

#include "bench/fail.hpp"

#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lodge::bench {

namespace {

using clock = std::chrono::steady_clock;

pid_t start(std::vector<std::string>& arguments, int output) {
  arguments.insert(arguments.begin(), "lodge_bench");
  std::vector<char*> words;
  for (auto& argument : arguments)
    words.push_back(argument.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t child = 0;
  const auto failed = posix_spawn(&child, "/proc/self/exe", &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    fail(std::string{"a child process cannot be started: "} + std::strerror(failed));
  return child;
}

std::vector<child_line> read_lines(int from, clock::time_point started) {
  std::vector<child_line> lines;
  std::string text;
  for (char byte = 0; read(from, &byte, 1) == 1;)
    if (byte != '\n') {
      text += byte;
    } else {
      lines.push_back({clock::now() - started, text});
      text.clear();
    }
  return lines;
}

} // namespace

std::vector<child_line> run_child(std::vector<std::string> arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    fail(std::string{"a pipe cannot be made: "} + std::strerror(errno));
  const auto started = clock::now();
  const auto child = start(arguments, ends[1]);
  close(ends[1]);
  auto lines = read_lines(ends[0], started);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0)
    fail("the child process '" + arguments[1] + "' failed with status " + std::to_string(status));
  return lines;
}

} // namespace lodge::bench
