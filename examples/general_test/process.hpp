#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace general_test {

/// Another process, with pipes to its standard input and from its standard output.
class process {
public:
  explicit process(const std::vector<std::string>& command);
  process(process&& other) noexcept;
  process& operator=(process&&) = delete;
  ~process();

  /// The next line that it writes; empty at the end.
  std::string read_line();
  void write_line(const std::string& line);
  /// Its exit code once it has ended.
  int wait();

private:
  int id_ = -1;
  std::FILE* from_ = nullptr;
  std::FILE* to_ = nullptr;
};

} // namespace general_test
