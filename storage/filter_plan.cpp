#include "storage/filter_plan.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <utility>

namespace lodge::storage {

namespace {

using kind = filter_node::kind;

std::uint64_t place_of(const std::string& path, const std::vector<std::string>& fields) {
  return static_cast<std::uint64_t>(std::ranges::find(fields, path) - fields.begin());
}

bool is_answered_by(const std::vector<std::string>& fields, const filter_node& wanted) {
  if (wanted.is == kind::leaf)
    return place_of(wanted.path, fields) < fields.size();
  return std::ranges::all_of(wanted.parts, [&](const auto& part) { return is_answered_by(fields, part); });
}

/// The parts, of which those leaves that are about one place are made one: a range has two ends.
std::vector<filter_node> grouped(const std::vector<filter_node>& parts) {
  std::vector<filter_node> groups;
  std::map<std::string, std::size_t> group_of_path;
  for (const auto& part : parts) {
    if (part.is != kind::leaf) {
      groups.push_back(part);
      continue;
    }
    const auto [at, is_new] = group_of_path.try_emplace(part.path, groups.size());
    if (is_new)
      groups.push_back({kind::all, {}, part.path});
    groups[at->second].parts.push_back(part);
  }
  return groups;
}

bool is_group(const filter_node& wanted) { return wanted.is == kind::all && !wanted.path.empty(); }

field_set set_of(const filter_node& wanted, const std::vector<std::string>& fields) {
  if (wanted.is == kind::leaf || is_group(wanted))
    return {field_set::kind::scan, {}, place_of(wanted.path, fields), wanted};
  field_set made{wanted.is == kind::all ? field_set::kind::intersection : field_set::kind::one_of};
  for (const auto& part : wanted.is == kind::all ? grouped(wanted.parts) : wanted.parts)
    made.parts.push_back(set_of(part, fields));
  return made;
}

/// A guess without figures: how much of a collection a condition lets through, from 0 for little.
int breadth(const filter_node& wanted) {
  constexpr int values = 0;
  constexpr int range_with_two_ends = 1;
  constexpr int range = 2;
  constexpr int most = 3;
  if (wanted.is == kind::leaf) {
    if (wanted.negated || wanted.test == filter_test::exists)
      return most;
    return wanted.test == filter_test::one_of ? values : range;
  }
  if (wanted.parts.empty())
    return most;
  const auto of_part = [](const filter_node& part) { return breadth(part); };
  if (wanted.is == kind::any)
    return std::ranges::max(wanted.parts | std::views::transform(of_part));
  const auto least = std::ranges::min(wanted.parts | std::views::transform(of_part));
  return least == range && wanted.parts.size() > 1 ? range_with_two_ends : least;
}

} // namespace

filter_plan plan_filter(const filter_node& wanted, const std::vector<std::string>& fields) {
  filter_plan made;
  const auto conditions = grouped(wanted.is == kind::all ? wanted.parts : std::vector{wanted});
  for (const auto& each : conditions) {
    if (is_answered_by(fields, each))
      made.sets.push_back({set_of(each, fields), each});
    else
      made.of_rows.parts.push_back(each);
  }
  std::ranges::stable_sort(made.sets, {}, [](const planned_set& set) { return breadth(set.wanted); });
  return made;
}

} // namespace lodge::storage
