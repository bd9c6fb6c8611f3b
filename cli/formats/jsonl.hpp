#pragma once

#include "cli/formats/lines.hpp"
#include "cli/formats/row_reader.hpp"

#include <string>

/// JSON lines: {"key": "red", "vector": [1, 0, 0], "metadata": ...}; vector and metadata may be left out.
namespace lodge::cli {

/// The item of one line. Numbers become the nearest float32; metadata stays as it is written.
result<item> item_from_json(std::string_view line);
/// The line of an item, without its end. What `item_from_json` makes of it is the same item bit for bit, but that
/// line breaks between the tokens of metadata become spaces.
std::string to_json_line(const item& what);
/// A JSON string.
std::string quoted(const std::string& text);

/// Items from JSON lines; blank lines are passed over.
class jsonl_reader : public row_reader {
public:
  explicit jsonl_reader(std::istream& in) : lines_(in) {}

  reading next(item& row) override;
  std::uint64_t number() const override { return lines_.number(); }
  std::string_view unit() const override { return "line"; }

private:
  line_reader lines_;
};

} // namespace lodge::cli
