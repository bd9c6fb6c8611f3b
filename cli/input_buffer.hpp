#pragma once

#include <lodge/error.hpp>

#include <cstdint>
#include <streambuf>
#include <string>
#include <vector>

namespace lodge::cli {

class interruption;

/// Reads a file or, as "-", standard input; counts the bytes; and ends early when the command is interrupted, even
/// while it waits for a pipe.
class input_buffer : public std::streambuf {
public:
  input_buffer(const std::string& path, const interruption* stop);
  input_buffer(const input_buffer&) = delete;
  input_buffer& operator=(const input_buffer&) = delete;
  ~input_buffer() override;

  /// Why opening or reading failed; no error while all goes well.
  const error& failure() const { return failure_; }
  /// Bytes given out so far.
  std::uint64_t bytes_read() const { return filled_ - static_cast<std::uint64_t>(egptr() - gptr()); }

protected:
  int_type underflow() override;

private:
  bool is_interrupted() const;
  void fail();

  std::string path_;
  const interruption* stop_;
  int descriptor_ = -1;
  std::uint64_t filled_ = 0;
  std::vector<char> buffer_;
  error failure_;
};

} // namespace lodge::cli
