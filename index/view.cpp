#include "index/view.hpp"

#include <algorithm>

namespace lodge::index {

namespace {

std::optional<row_place> find(const std::vector<row_range>& ranges, std::uint64_t label) {
  const auto after =
    std::ranges::upper_bound(ranges, label, {}, [](const row_range& x) { return x.block->label(x.first); });
  if (after == ranges.begin())
    return std::nullopt;
  const auto& range = *std::prev(after);
  const auto end = range.first + range.count;
  const auto row = range.block->lower_bound(label, end);
  if (row < range.first || row == end || range.block->label(row) != label)
    return std::nullopt;
  return row_place{range.block.get(), row};
}

} // namespace

std::optional<row_place> find(const view& where, std::uint64_t label) {
  for (const auto& part : where.segments)
    if (const auto found = find(part.rows.rows->pages(), label))
      return found;
  return find(where.delta, label);
}

} // namespace lodge::index
