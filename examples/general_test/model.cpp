#include "model.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>

namespace general_test {

namespace {

struct living {
  std::uint64_t number = 0;
  std::uint32_t value = 0;
};
using items = std::map<std::string, living>;

double squared_distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return sum;
}

/// The ten nearest by a scan, as a line.
std::string answer(const items& all, const std::vector<float>& query) {
  std::vector<std::pair<double, std::string>> ranked;
  for (const auto& [key, item] : all)
    ranked.emplace_back(squared_distance(query, vector_of(item.value)), key);
  std::ranges::sort(ranked);
  std::string line;
  for (std::size_t i = 0; i < std::min<std::size_t>(10, ranked.size()); ++i)
    line += ranked[i].second + ' ';
  return line + '\n';
}

} // namespace

std::vector<change> merge(std::vector<change> changes) {
  std::erase_if(changes, [](const change& each) { return each.what == change::kind::unanswered; });
  std::ranges::stable_sort(changes, {}, &change::number);
  return changes;
}

std::set<std::string> unanswered_keys(const std::vector<change>& changes) {
  std::set<std::string> open;
  for (const auto& each : changes)
    if (each.what == change::kind::unanswered)
      open.insert(each.key);
  return open;
}

std::string expected_state(const std::vector<change>& merged, const std::set<std::string>& open) {
  items all;
  // The items of a batch share the number of its answer, which is its last; they take their numbers in its order.
  for (std::size_t i = 0; i < merged.size(); ++i) {
    const auto& each = merged[i];
    if (each.what == change::kind::removed) {
      all.erase(each.key);
      continue;
    }
    std::size_t after = 0;
    while (i + after + 1 < merged.size() && merged[i + after + 1].number == each.number)
      ++after;
    all[each.key] = {each.number - after, each.value};
  }
  std::string text;
  for (const auto& [key, item] : all)
    if (!open.contains(key))
      text += key + ' ' + std::to_string(item.number) + ' ' + std::to_string(item.value) + '\n';
  if (open.empty())
    for (std::size_t i = 0; i < queries; ++i)
      text += answer(all, query_of(i));
  return text;
}

std::string seen_state(const std::string& path, const std::set<std::string>& open) {
  std::ifstream in{path};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  if (!open.empty())
    lines.resize(lines.size() - std::min(lines.size(), queries));
  std::string text;
  for (const auto& line : lines)
    if (!open.contains(line.substr(0, line.find(' '))))
      text += line + '\n';
  return text;
}

} // namespace general_test
