#include "bench/markdown.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace lodge::bench {

namespace {

/// Characters, not bytes, of UTF-8.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char x) { return (x & 0xC0) != 0x80; }));
}

} // namespace

std::string number(double value) {
  const auto size = std::abs(value);
  const auto digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  char printed[64];
  std::snprintf(printed, sizeof printed, "%.*f", digits, value);
  std::string text = printed;
  if (digits == 0)
    for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > (value < 0 ? 1 : 0); place -= 3)
      text.insert(static_cast<std::size_t>(place), 1, ',');
  return text;
}

std::string with_spread(const spread& of) {
  if (!of)
    return "–";
  if (of.times == 1)
    return number(of.median);
  return number(of.median) + " (" + number(of.least) + "–" + number(of.most) + ")";
}

std::string times(double mine, double base) { return mine == 0 || base == 0 ? "–" : number(mine / base) + " ×"; }

std::string markdown_table::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i]));
  std::string text;
  const auto add_row = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i)
      text += "| " + row[i] + std::string(widths[i] - width(row[i]) + 1, ' ');
    text += "|\n";
  };
  add_row(rows_.front());
  for (const auto each : widths)
    text += "| " + std::string(each, '-') + " ";
  text += "|\n";
  std::for_each(rows_.begin() + 1, rows_.end(), add_row);
  return text;
}

} // namespace lodge::bench
