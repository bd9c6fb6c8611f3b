#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace lodge::bench {

/// One figure, seen some times.
struct spread {
  double median = 0;
  double least = 0;
  double most = 0;
  std::size_t times = 0;

  explicit operator bool() const { return times > 0; }
};

/// Lines of a journal that belong together.
class figures {
public:
  using json = nlohmann::ordered_json;

  explicit figures(std::vector<json> lines) : lines_(std::move(lines)) {}

  /// Those whose members are all as in `labels`.
  figures where(const json& labels) const;
  bool empty() const { return lines_.empty(); }
  const json& first() const { return lines_.front(); }
  const std::vector<json>& lines() const { return lines_; }

  /// The values that a member has, each once, as they first come.
  std::vector<json> values_of(const std::string& member) const;
  /// Of a number that each line has.
  spread of(const std::string& member) const;

private:
  std::vector<json> lines_;
};

} // namespace lodge::bench
