#include "tests/corruption/child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <poll.h>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lodge::test {

namespace {

// Never a code of a sanitizer, nor of exit_with().
constexpr int said_all = 42;

[[noreturn]] void be_child(int out, const std::function<std::string()>& work, const child_limits& limits) {
#if !defined(__SANITIZE_ADDRESS__)
  // The test framework's handlers would take a crash for its own.
  for (const auto number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    std::signal(number, SIG_DFL);
#endif
  if (limits.bytes > 0) {
    const rlimit space{limits.bytes, limits.bytes};
    setrlimit(RLIMIT_AS, &space);
  }
  int code = said_all;
  std::string said;
  try {
    said = work();
  } catch (const std::exception& caught) {
    said = std::string{"exception: "} + caught.what();
    code = said_all + 1;
  }
  for (std::size_t written = 0; written < said.size();) {
    const auto more = ::write(out, said.data() + written, said.size() - written);
    if (more <= 0)
      break;
    written += static_cast<std::size_t>(more);
  }
  // Nothing of the parent's is to be flushed or destroyed here.
  _exit(code);
}

/// Everything that is written until the other end is closed; false if the time ended first.
bool read_all(int in, std::chrono::steady_clock::time_point until, std::string& said) {
  std::array<char, 4'096> part{};
  for (;;) {
    const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd wait{in, POLLIN, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) == 0)
      return false;
    const auto got = ::read(in, part.data(), part.size());
    if (got <= 0)
      return true;
    said.append(part.data(), static_cast<std::size_t>(got));
  }
}

std::string failure_of(int status) {
  if (WIFSIGNALED(status))
    return std::string{"killed by "} + strsignal(WTERMSIG(status));
  if (const auto code = WEXITSTATUS(status); code != said_all)
    return "exit code " + std::to_string(code);
  return {};
}

} // namespace

child_end run_in_child(const std::function<std::string()>& work, const child_limits& limits) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0)
    throw std::runtime_error{"pipe: " + std::string{std::strerror(errno)}};
  std::fflush(nullptr);
  const auto child = ::fork();
  if (child < 0)
    throw std::runtime_error{"fork: " + std::string{std::strerror(errno)}};
  if (child == 0) {
    ::close(ends[0]);
    be_child(ends[1], work, limits);
  }
  ::close(ends[1]);
  child_end ended;
  const auto in_time = read_all(ends[0], std::chrono::steady_clock::now() + limits.time, ended.said);
  ::close(ends[0]);
  if (!in_time)
    ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ended.failure =
    in_time ? failure_of(status) : "did not end within " + std::to_string(limits.time.count()) + " seconds";
  return ended;
}

} // namespace lodge::test
