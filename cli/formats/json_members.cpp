#include "cli/formats/json_members.hpp"

#include "cli/formats/float_text.hpp"

#include <nlohmann/json.hpp>

namespace lodge::cli {

namespace {

/// After the string that begins at `at`.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at)
    if (text[at] == '\\')
      ++at;
  return at + 1;
}

/// At the comma or brace that ends the value of a member.
std::size_t after_value(std::string_view text, std::size_t at) {
  for (int depth = 0;;) {
    const auto byte = text[at];
    if (depth == 0 && (byte == ',' || byte == '}'))
      return at;
    depth += byte == '{' || byte == '[' ? 1 : byte == '}' || byte == ']' ? -1 : 0;
    at = byte == '"' ? after_string(text, at) : at + 1;
  }
}

error no_json(std::string_view text) {
  try {
    [[maybe_unused]] const auto parsed = nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& failure) {
    const std::string_view what = failure.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 5: ..."
    return {errc::invalid_argument, "no JSON: " + std::string{what.substr(std::min(what.find("] ") + 2, what.size()))}};
  }
  return {errc::invalid_argument, "no JSON"};
}

} // namespace

result<std::vector<json_member>> json_members(std::string_view text) {
  // The parser takes one for the end of the text.
  if (text.find('\0') != std::string_view::npos)
    return error{errc::invalid_argument, "no JSON: there is a NUL byte in it"};
  if (!nlohmann::json::accept(text))
    return no_json(text);
  text = without_spaces_around(text);
  if (text.front() != '{')
    return error{errc::invalid_argument, "a JSON object is expected, got '" + std::string{text.substr(0, 30)} + "'"};
  // From here on the text is known to be well-formed.
  std::vector<json_member> members;
  for (std::size_t at = 0; text[at] != '}';) {
    const auto name = text.find_first_of("\"}", at);
    if (text[name] == '}')
      break;
    const auto name_end = after_string(text, name);
    const auto value = text.find(':', name_end) + 1;
    at = after_value(text, value);
    members.push_back({nlohmann::json::parse(text.substr(name, name_end - name)).get<std::string>(),
                       without_spaces_around(text.substr(value, at - value))});
  }
  return members;
}

} // namespace lodge::cli
