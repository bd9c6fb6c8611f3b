#include "bench/journal.hpp"

#include "bench/fail.hpp"

namespace lodge::bench {

journal::journal(const std::string& file) : out_(file) {
  if (!out_)
    fail(file + " cannot be written");
}

void journal::write(const nlohmann::ordered_json& line) { out_ << line << std::endl; }

std::vector<nlohmann::ordered_json> read_journal(const std::string& file) {
  std::ifstream in{file};
  if (!in)
    fail(file + " cannot be read");
  std::vector<nlohmann::ordered_json> lines;
  for (std::string text; std::getline(in, text);) {
    auto line = nlohmann::ordered_json::parse(text, nullptr, false);
    if (!line.is_object())
      fail(file + ", line " + std::to_string(lines.size() + 1) + ": expected a JSON object, got '" + text.substr(0, 40)
           + "'");
    lines.push_back(std::move(line));
  }
  return lines;
}

} // namespace lodge::bench
