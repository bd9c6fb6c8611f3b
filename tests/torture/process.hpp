#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lodge::torture {

/// A program that runs beside this one, and does not outlive it.
///
/// **Limits**: this process has no threads of its own, and no lodge, or the child would begin with halves of them.
class process {
public:
  /// Standard input and output are these descriptors, or this process's; standard error is this process's.
  explicit process(const std::vector<std::string>& command, int input = -1, int output = -1);
  process(process&& other) noexcept;
  process& operator=(process&& other) noexcept;
  /// Kills it if it runs.
  ~process();

  void send(int signal) const;
  /// Kills it, and waits until it is gone; how it ended otherwise, if it had.
  int kill();
  /// The status that `waitpid` gives, once it has ended.
  std::optional<int> ended();
  /// The same, waiting so long.
  std::optional<int> wait(std::chrono::milliseconds longest);
  /// Whether it is stopped, as by SIGSTOP.
  bool is_stopped() const;

private:
  pid_t id_ = -1;
  std::optional<int> status_;
};

/// "exit code 3", "signal 9".
std::string describe(int status);
bool was_killed(int status);

} // namespace lodge::torture
