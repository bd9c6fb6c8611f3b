#pragma once

#include "tests/torture/process.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace lodge::torture {

/// A `servant` of another process, and the pipes to it.
class told_process {
public:
  /// @param signal "kill" or "stop", at the point; empty for neither.
  told_process(const std::string& database, const std::string& signal = {}, const std::string& point = {});
  told_process(const told_process&) = delete;
  told_process& operator=(const told_process&) = delete;
  ~told_process();

  void tell(const std::string& line) const;
  /// The next answer; "no answer" if none came in that time, "ended" if none will come.
  std::string answer(std::chrono::milliseconds longest = std::chrono::seconds{60});
  std::string ask(const std::string& line) {
    tell(line);
    return answer();
  }
  process& itself() { return running_; }
  /// Lets it close the database and end. @returns The status that `waitpid` gives.
  int end();

private:
  struct pipes {
    int to = -1;
    int from = -1;
    process running;
  };
  explicit told_process(pipes opened);
  static pipes start(const std::vector<std::string>& command);

  int to_;
  int from_;
  process running_;
  std::string unread_;
};

} // namespace lodge::torture
