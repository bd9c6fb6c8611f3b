#include "cli/text.hpp"

#include <array>
#include <cstdio>

namespace lodge::cli {

namespace {

std::string decimal(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

} // namespace

std::string with_separators(std::uint64_t value) {
  const auto digits = std::to_string(value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0)
      text += ',';
    text += digits[i];
  }
  return text;
}

std::string counted(std::uint64_t value, const std::string& one, const std::string& many) {
  return with_separators(value) + " " + (value == 1 ? one : many);
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024)
    return counted(bytes, "byte", "bytes");
  auto value = static_cast<double>(bytes) / 1024;
  const char* unit = "KiB";
  for (const auto* next : {"MiB", "GiB", "TiB"}) {
    if (value < 1024)
      break;
    value /= 1024;
    unit = next;
  }
  return decimal(value, 1) + " " + unit;
}

std::string duration_text(double seconds) {
  if (seconds < 10)
    return decimal(seconds, 2) + " s";
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole < 60)
    return std::to_string(whole) + " s";
  if (whole < 3600)
    return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

} // namespace lodge::cli
