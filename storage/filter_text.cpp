#include "storage/filter_parsing.hpp"
#include "storage/sqlite.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace lodge::storage {

namespace {

using json = nlohmann::json;

constexpr std::size_t longest_text = std::size_t{1} << 20;
constexpr std::size_t deepest = 32;

/// What the parser below passes over in silence, or takes memory for: the events of nlohmann's SAX interface.
class text_rules {
public:
  // NOLINTBEGIN(readability-convert-member-functions-to-static)
  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(json::number_integer_t) { return true; }
  bool number_unsigned(json::number_unsigned_t) { return true; }
  bool number_float(json::number_float_t, const std::string&) { return true; }
  bool string(std::string&) { return true; }
  bool binary(json::binary_t&) { return true; }
  // NOLINTEND(readability-convert-member-functions-to-static)

  bool start_object(std::size_t) { return enter(); }
  bool start_array(std::size_t) { return enter(); }
  bool end_object() { return leave(); }
  bool end_array() { return leave(); }
  bool key(const std::string& name) {
    if (!names_.back().insert(name).second)
      complaint = "a filter has each member once, got one twice";
    return complaint.empty();
  }
  bool parse_error(std::size_t at, const std::string&, const json::exception&) {
    complaint = "a filter is JSON text, got an error at byte " + std::to_string(at);
    return false;
  }

  std::string complaint;

private:
  bool enter() {
    names_.emplace_back();
    if (names_.size() > deepest)
      complaint = "a filter is nested up to " + std::to_string(deepest) + " deep, got more";
    return complaint.empty();
  }
  bool leave() {
    names_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> names_;
};

} // namespace

json parse_filter_text(std::string_view text) {
  if (text.size() > longest_text)
    throw failure{errc::invalid_filter,
                  "a filter has up to " + std::to_string(longest_text) + " bytes, got " + std::to_string(text.size())};
  // The parser takes it for the end.
  if (text.find('\0') != std::string_view::npos)
    throw failure{errc::invalid_filter, "a filter is JSON text, got a zero byte in it"};
  text_rules rules;
  if (!json::sax_parse(text, &rules))
    throw failure{errc::invalid_filter, rules.complaint};
  return json::parse(text);
}

} // namespace lodge::storage
