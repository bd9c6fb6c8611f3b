#include "cli/formats/lines.hpp"

namespace lodge::cli {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

} // namespace

bool line_reader::next(std::string& line) {
  line.clear();
  too_long_ = false;
  auto* const buffer = in_.rdbuf();
  constexpr auto end = std::char_traits<char>::eof();
  auto byte = buffer->sbumpc();
  if (byte == end)
    return false;
  ++number_;
  for (; byte != end && byte != '\n'; byte = buffer->sbumpc()) {
    if (line.size() < longest_line)
      line += static_cast<char>(byte);
    else
      too_long_ = true;
  }
  if (!line.empty() && line.back() == '\r')
    line.pop_back();
  if (number_ == 1 && line.starts_with(byte_order_mark))
    line.erase(0, byte_order_mark.size());
  return true;
}

} // namespace lodge::cli
