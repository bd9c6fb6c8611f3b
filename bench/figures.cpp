#include "bench/figures.hpp"

#include <algorithm>

namespace lodge::bench {

figures figures::where(const json& labels) const {
  std::vector<json> kept;
  const auto fits = [&](const json& line) {
    return std::ranges::all_of(labels.items(), [&](const auto& label) {
      const auto found = line.find(label.key());
      return found != line.end() && *found == label.value();
    });
  };
  std::ranges::copy_if(lines_, std::back_inserter(kept), fits);
  return figures{std::move(kept)};
}

std::vector<figures::json> figures::values_of(const std::string& member) const {
  std::vector<json> values;
  for (const auto& line : lines_)
    if (line.contains(member) && std::ranges::find(values, line[member]) == values.end())
      values.push_back(line[member]);
  return values;
}

spread figures::of(const std::string& member) const {
  std::vector<double> seen;
  for (const auto& line : lines_)
    seen.push_back(line.at(member).get<double>());
  if (seen.empty())
    return {};
  std::ranges::sort(seen);
  const auto middle = seen.size() / 2;
  const auto median = seen.size() % 2 == 1 ? seen[middle] : (seen[middle - 1] + seen[middle]) / 2;
  return {median, seen.front(), seen.back(), seen.size()};
}

} // namespace lodge::bench
