#pragma once

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace lodge::bench {

/// The run's figures: a JSON object a line, each written as soon as it is seen.
class journal {
public:
  explicit journal(const std::string& file);
  void write(const nlohmann::ordered_json& line);

private:
  std::ofstream out_;
};

/// Where a run into a folder writes.
inline std::string journal_of(const std::string& folder) { return folder + "/lines.jsonl"; }

/// The lines of a file that a journal wrote.
std::vector<nlohmann::ordered_json> read_journal(const std::string& file);

} // namespace lodge::bench
