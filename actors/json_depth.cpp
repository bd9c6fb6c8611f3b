#include "actors/json_depth.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace lodge {

namespace {

using json = nlohmann::json;

/// The events of nlohmann's SAX interface.
class depth_counter {
public:
  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(json::number_integer_t) { return true; }
  bool number_unsigned(json::number_unsigned_t) { return true; }
  bool number_float(json::number_float_t, const std::string&) { return true; }
  bool string(std::string&) { return true; }
  bool binary(json::binary_t&) { return true; }
  bool key(std::string&) { return true; }
  bool start_object(std::size_t) { return enter(); }
  bool start_array(std::size_t) { return enter(); }
  bool end_object() { return leave(); }
  bool end_array() { return leave(); }
  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

  std::size_t deepest = 0;

private:
  bool enter() {
    deepest = std::max(deepest, ++depth_);
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }

  std::size_t depth_ = 0;
};

} // namespace

std::optional<std::size_t> json_depth(std::string_view text) {
  depth_counter counter;
  if (text.starts_with("\xef\xbb\xbf") || text.find('\0') != std::string_view::npos || !json::sax_parse(text, &counter))
    return std::nullopt;
  return counter.deepest;
}

} // namespace lodge
