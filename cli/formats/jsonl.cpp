#include "cli/formats/jsonl.hpp"

#include "cli/formats/float_text.hpp"
#include "cli/formats/json_members.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lodge::cli {

namespace {

result<void> take_key(std::string_view value, item& what) {
  const auto key = nlohmann::json::parse(value);
  if (!key.is_string())
    return error{errc::invalid_key, "the key is to be a string, got " + std::string{value.substr(0, 30)}};
  what.key = key.get<std::string>();
  return {};
}

result<void> take_vector(std::string_view value, item& what) {
  if (value == "null")
    return {};
  if (value.front() != '[')
    return error{errc::invalid_vector,
                 "the vector is to be an array of numbers, got " + std::string{value.substr(0, 30)}};
  auto values = floats_from(value);
  if (!values)
    return values.error();
  what.vector = *std::move(values);
  return {};
}

} // namespace

result<item> item_from_json(std::string_view line) {
  auto members = json_members(line);
  if (!members)
    return members.error();
  item made;
  std::vector<std::string> seen;
  for (const auto& [name, value] : *members) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      return error{errc::invalid_argument, "there are two members \"" + name + "\""};
    seen.push_back(name);
    result<void> taken;
    if (name == "key")
      taken = take_key(value, made);
    else if (name == "vector")
      taken = take_vector(value, made);
    else if (name == "metadata")
      made.metadata = value;
    else
      taken = error{errc::invalid_argument, "got a member \"" + name + "\", known are key, vector and metadata"};
    if (!taken)
      return taken.error();
  }
  if (std::find(seen.begin(), seen.end(), "key") == seen.end())
    return error{errc::invalid_key, "the line has no \"key\""};
  return made;
}

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

std::string to_json_line(const item& what) {
  auto line = "{\"key\":" + quoted(what.key);
  if (what.vector)
    line += ",\"vector\":" + to_text(*what.vector);
  if (!what.metadata.empty())
    line += ",\"metadata\":" + what.metadata;
  // A JSON text has line breaks only between its tokens.
  std::replace_if(
    line.begin(), line.end(), [](char byte) { return byte == '\n' || byte == '\r'; }, ' ');
  return line + "}";
}

reading jsonl_reader::next(item& row) {
  row = {};
  std::string line;
  do {
    if (!lines_.next(line))
      return {met::end};
  } while (without_spaces_around(line).empty());
  if (lines_.too_long())
    return {met::bad_row,
            {errc::too_large, "a line has at most " + std::to_string(line_reader::longest_line) + " bytes"}};
  auto made = item_from_json(line);
  if (!made)
    return {met::bad_row, made.error()};
  row = *std::move(made);
  return {};
}

} // namespace lodge::cli
