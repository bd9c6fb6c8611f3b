#pragma once

#include <cstdint>
#include <istream>
#include <string>

namespace lodge::cli {

/// The lines of a text: ends of "\n" or "\r\n", a byte order mark at the beginning skipped.
class line_reader {
public:
  /// A longer line is given in part, and `too_long` is true.
  static constexpr std::size_t longest_line = std::size_t{64} << 20;

  explicit line_reader(std::istream& in) : in_(in) {}

  /// The next line without its end; false after the last.
  bool next(std::string& line);
  bool too_long() const { return too_long_; }
  /// Of the line that was read last, from 1.
  std::uint64_t number() const { return number_; }

private:
  std::istream& in_;
  std::uint64_t number_ = 0;
  bool too_long_ = false;
};

} // namespace lodge::cli
