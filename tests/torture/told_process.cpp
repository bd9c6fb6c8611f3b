#include "tests/torture/told_process.hpp"

#include "tests/torture/outcry.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace lodge::torture {

namespace {

std::vector<std::string> command_of(const std::string& database, const std::string& signal, const std::string& point) {
  std::vector<std::string> words{LODGE_TORTURE_PROGRAM, "serve", database};
  if (!signal.empty())
    words.insert(words.end(), {signal, point});
  return words;
}

} // namespace

told_process::told_process(const std::string& database, const std::string& signal, const std::string& point)
  : told_process(start(command_of(database, signal, point))) {}

told_process::told_process(pipes opened) : to_(opened.to), from_(opened.from), running_(std::move(opened.running)) {}

told_process::pipes told_process::start(const std::vector<std::string>& command) {
  // Who died before it was told is seen by its silence.
  std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (pipe2(input.data(), O_CLOEXEC) != 0 || pipe2(output.data(), O_CLOEXEC) != 0)
    cry_out("there are no pipes");
  pipes made{input[1], output[0], process{command, input[0], output[1]}};
  close(input[0]);
  close(output[1]);
  return made;
}

told_process::~told_process() {
  if (to_ >= 0)
    close(to_);
  close(from_);
}

void told_process::tell(const std::string& line) const {
  const auto text = line + '\n';
  [[maybe_unused]] const auto written = write(to_, text.data(), text.size());
}

std::string told_process::answer(std::chrono::milliseconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  for (;;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      auto line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{from_, POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(std::max<std::chrono::milliseconds::rep>(0, left.count()))) <= 0)
      return "no answer";
    std::array<char, 256> bytes{};
    const auto count = read(from_, bytes.data(), bytes.size());
    if (count <= 0)
      return "ended";
    unread_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

int told_process::end() {
  close(to_);
  to_ = -1;
  const auto status = running_.wait(std::chrono::seconds{60});
  return status ? *status : running_.kill();
}

} // namespace lodge::torture
