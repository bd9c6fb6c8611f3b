#include "tests/torture/process.hpp"

#include "tests/torture/outcry.hpp"

#include <csignal>
#include <fstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace lodge::torture {

process::process(const std::vector<std::string>& command, int input, int output) {
  std::vector<char*> words;
  for (const auto& word : command)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const auto parent = getpid();
  id_ = fork();
  if (id_ == 0) {
    if (input >= 0)
      dup2(input, STDIN_FILENO);
    if (output >= 0)
      dup2(output, STDOUT_FILENO);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
      execv(words[0], words.data());
    _exit(127);
  }
  if (id_ < 0)
    cry_out("a process cannot be started");
}

process::process(process&& other) noexcept : id_(std::exchange(other.id_, -1)), status_(other.status_) {}

process& process::operator=(process&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(status_, other.status_);
  return *this;
}

process::~process() {
  if (id_ > 0)
    kill();
}

void process::send(int signal) const {
  if (!status_)
    ::kill(id_, signal);
}

int process::kill() {
  send(SIGKILL);
  if (!status_) {
    int status = 0;
    waitpid(id_, &status, 0);
    status_ = status;
  }
  return *status_;
}

std::optional<int> process::ended() {
  int status = 0;
  if (!status_ && waitpid(id_, &status, WNOHANG) == id_)
    status_ = status;
  return status_;
}

std::optional<int> process::wait(std::chrono::milliseconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (!ended() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  return status_;
}

bool process::is_stopped() const {
  std::ifstream in{"/proc/" + std::to_string(id_) + "/stat"};
  std::string text;
  std::getline(in, text);
  const auto name_end = text.rfind(')');
  return name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] == 'T';
}

std::string describe(int status) {
  return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                             : "exit code " + std::to_string(WEXITSTATUS(status));
}

bool was_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }

} // namespace lodge::torture
