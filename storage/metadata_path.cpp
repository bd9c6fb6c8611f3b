#include "storage/metadata_path.hpp"

#include <algorithm>

namespace lodge::storage {

namespace {

constexpr std::size_t longest_path = 256;

bool is_nameable(char c) { return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; }

} // namespace

result<void> check_path(std::string_view path) {
  if (path.empty() || path.size() > longest_path)
    return error{errc::invalid_argument,
                 "a path of metadata has 1 to " + std::to_string(longest_path) + " bytes, got "
                   + std::to_string(path.size())};
  if (!std::ranges::all_of(path, is_nameable))
    return error{errc::invalid_argument,
                 "a path of metadata has no quote, backslash or control character, got '" + std::string{path} + "'"};
  if (path.front() == '.' || path.back() == '.' || path.find("..") != std::string_view::npos)
    return error{errc::invalid_argument,
                 "a path of metadata has a name before and after each dot, got '" + std::string{path} + "'"};
  return {};
}

std::string json_path(std::string_view path) {
  std::string made = "$.\"";
  for (const auto c : path) {
    if (c == '.')
      made += "\".\"";
    else
      made += c;
  }
  return made + "\"";
}

std::string sql_path(std::string_view path) {
  std::string made = "'";
  for (const auto c : json_path(path)) {
    made += c;
    if (c == '\'')
      made += c;
  }
  return made + "'";
}

} // namespace lodge::storage
