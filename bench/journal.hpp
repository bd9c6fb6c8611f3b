#pragma once

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace lodge::bench {

/// The run's figures: a JSON object a line, each written as soon as it is seen, and shown on standard error.
class journal {
public:
  explicit journal(const std::string& file);
  void write(const nlohmann::ordered_json& line);

private:
  std::ofstream out_;
};

/// The lines of a file that a journal wrote.
std::vector<nlohmann::ordered_json> read_journal(const std::string& file);

} // namespace lodge::bench
