#include "cli/input_buffer.hpp"

#include "cli/interruption.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace lodge::cli {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{256} << 10;

} // namespace

input_buffer::input_buffer(const std::string& path, const interruption* stop)
  : path_(path == "-" ? "standard input" : path),
    stop_(stop),
    descriptor_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)),
    buffer_(buffer_bytes) {
  if (descriptor_ < 0)
    fail();
}

input_buffer::~input_buffer() {
  if (descriptor_ > STDIN_FILENO)
    close(descriptor_);
}

input_buffer::int_type input_buffer::underflow() {
  if (failure_ || is_interrupted())
    return traits_type::eof();
  const auto bytes = read(descriptor_, buffer_.data(), buffer_.size());
  if (bytes < 0)
    fail();
  if (bytes <= 0)
    return traits_type::eof();
  filled_ += static_cast<std::uint64_t>(bytes);
  setg(buffer_.data(), buffer_.data(), buffer_.data() + bytes);
  return traits_type::to_int_type(buffer_.front());
}

bool input_buffer::is_interrupted() const {
  if (stop_ == nullptr)
    return false;
  std::array<pollfd, 2> waited{{{descriptor_, POLLIN, 0}, {stop_->descriptor(), POLLIN, 0}}};
  while (poll(waited.data(), waited.size(), -1) < 0 && errno == EINTR) {
  }
  return stop_->arrived();
}

void input_buffer::fail() {
  const auto number = errno;
  failure_ = {number == ENOENT     ? errc::file_not_found
                : number == EACCES ? errc::permission_denied
                                   : errc::io_error,
              path_ + " cannot be read: " + std::strerror(number)};
}

} // namespace lodge::cli
