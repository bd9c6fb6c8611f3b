#include "cli/formats/float_text.hpp"

#include <array>
#include <charconv>
#include <cstdlib>

namespace lodge::cli {

std::optional<float> float_from(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-')
    text.remove_prefix(1);
  float value = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ptr != end || read.ec == std::errc::invalid_argument)
    return std::nullopt;
  // from_chars says no more than "out of range"; strtof tells infinity and zero apart.
  if (read.ec == std::errc::result_out_of_range)
    return std::strtof(std::string{text}.c_str(), nullptr);
  return value;
}

result<std::vector<float>> floats_from(std::string_view text) {
  text = without_spaces_around(text);
  if (text.size() > 1 && text.front() == '[' && text.back() == ']')
    text = without_spaces_around(text.substr(1, text.size() - 2));
  std::vector<float> values;
  for (bool more = !text.empty(); more;) {
    const auto comma = text.find(',');
    const auto word = without_spaces_around(text.substr(0, comma));
    const auto value = float_from(word);
    if (!value)
      return not_a_number(values.size(), word);
    values.push_back(*value);
    more = comma != std::string_view::npos;
    text.remove_prefix(more ? comma + 1 : text.size());
  }
  return values;
}

error not_a_number(std::size_t place, std::string_view text) {
  constexpr std::size_t shown = 30;
  return {errc::invalid_vector,
          "value " + std::to_string(place) + " is to be a number, got '" + std::string{text.substr(0, shown)}
            + (text.size() > shown ? "…'" : "'")};
}

std::string to_text(float value) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), written.ptr};
}

std::string to_text(const std::vector<float>& values) {
  std::string text = "[";
  for (const auto value : values) {
    if (text.size() > 1)
      text += ',';
    text += to_text(value);
  }
  return text + "]";
}

std::string_view without_spaces_around(std::string_view text) {
  constexpr std::string_view spaces = " \t\r\n";
  const auto first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

} // namespace lodge::cli
