#include "index/grown_segments.hpp"

#include <algorithm>

namespace lodge::index {

namespace {

/// Adds the rows of a range that come after a number.
void add_rows_after(std::uint64_t number, const row_range& rows, std::vector<row_range>& to) {
  const auto end = rows.first + rows.count;
  const auto first = std::max(rows.first, rows.block->lower_bound(number + 1, end));
  if (first < end)
    to.push_back({rows.block, first, end - first});
}

} // namespace

view_ptr rebased(const view& from, const grown_segments& onto) {
  auto made = from;
  made.covers = onto.covers;
  made.base = onto.base;
  made.segments = onto.segments;
  made.delta.clear();
  for (const auto& part : from.segments)
    for (const auto& page : part.rows.rows->pages())
      add_rows_after(onto.covers, page, made.delta);
  for (const auto& range : from.delta)
    add_rows_after(onto.covers, range, made.delta);
  for (const auto& part : onto.segments)
    if (part.living < part.rows.rows->size())
      for (std::size_t row = 0; row < part.rows.rows->size(); ++row)
        if (const auto label = part.rows.rows->label(row); onto.dead.contains(label))
          made.dead.insert(label);
  return std::make_shared<const view>(std::move(made));
}

} // namespace lodge::index
