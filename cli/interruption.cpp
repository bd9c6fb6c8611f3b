#include "cli/interruption.hpp"

#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace lodge::cli {

namespace {

/// All that a handler may know: where to leave its note.
volatile std::sig_atomic_t note_descriptor = -1;

extern "C" void leave_note(int) {
  const auto number = errno;
  // Nothing is to be done if it fails: the note is there already.
  [[maybe_unused]] const auto written = eventfd_write(note_descriptor, 1);
  errno = number;
}

} // namespace

interruption::interruption() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  note_descriptor = descriptor_;
  struct sigaction handled {};
  handled.sa_handler = leave_note;
  handled.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    sigaction(signals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN)
      sigaction(signals[i], &handled, nullptr);
  }
}

interruption::~interruption() {
  for (std::size_t i = 0; i < signals.size(); ++i)
    sigaction(signals[i], &before_[i], nullptr);
  close(descriptor_);
}

bool interruption::arrived() const {
  pollfd note{descriptor_, POLLIN, 0};
  return poll(&note, 1, 0) == 1;
}

} // namespace lodge::cli
