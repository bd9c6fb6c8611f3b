#include "tests/torture/reading.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace lodge::torture {

namespace {

error wrong(const std::string& what) { return {errc::internal, what}; }

} // namespace

result<sight> look(const cell& where, const std::vector<record>& records) {
  if (records.empty())
    return sight{};
  if (records.size() != where.size)
    return wrong(where.name + " has " + std::to_string(records.size()) + " of " + std::to_string(where.size)
                 + " items");
  sight seen;
  for (std::uint32_t part = 0; part < where.size; ++part) {
    const auto& each = records[part];
    const auto from = from_metadata(each.metadata);
    if (!from || each.key != where.key(part) || from->part != part)
      return wrong("'" + each.key + "' has the metadata " + each.metadata);
    if (part == 0)
      seen = {true, from->vector_of, from->operation, each.version.number + where.size - 1};
    if (from->operation != seen.operation || from->vector_of != seen.vector_of)
      return wrong(where.name + " has items of operations " + std::to_string(seen.operation) + " and "
                   + std::to_string(from->operation));
    if (each.version.number + where.size - 1 - part != seen.number)
      return wrong(where.name + " has numbers that are not in a row");
    if (each.vector != vector_of(from->vector_of, part, where.size))
      return wrong("'" + each.key + "' has another vector than " + each.metadata);
  }
  return seen;
}

std::optional<std::uint32_t> cell_of(const cell_list& cells, const std::string& key) {
  const auto& all = cells.all();
  const auto found = std::ranges::find_if(all, [&](const cell& each) { return each.holds(key); });
  if (found == all.end())
    return std::nullopt;
  return static_cast<std::uint32_t>(found - all.begin());
}

std::string wrong_with(const cell_list& cells, const std::vector<float>& query, const hits& found) {
  std::set<std::string> keys;
  float before = 0;
  for (const auto& hit : found) {
    if (!keys.insert(hit.key).second)
      return "'" + hit.key + "' is a hit twice";
    if (hit.score < before)
      return "'" + hit.key + "' comes after one that is farther";
    before = hit.score;
    const auto cell = cell_of(cells, hit.key);
    const auto from = from_metadata(hit.metadata);
    if (!cell || !from)
      return "the hit '" + hit.key + "' has the metadata " + hit.metadata;
    const auto right = distance(query, vector_of(from->vector_of, from->part, cells[*cell].size));
    if (std::abs(hit.score - right) > 1e-4 * (1 + right))
      return "the hit '" + hit.key + "' of " + hit.metadata + " has the score " + std::to_string(hit.score)
        + ", its vector is " + std::to_string(right) + " away";
  }
  return {};
}

} // namespace lodge::torture
