#pragma once

#include "bench/figures.hpp"

#include <string>
#include <vector>

namespace lodge::bench {

/// "12,345": three digits are kept at least, and none after the point from 100 on.
std::string number(double value);
/// "median (least–most)"; the median alone if it was seen once, "–" if never.
std::string with_spread(const spread& of);
/// "1.23 ×", what a figure is of another; "–" if one of them was not seen.
std::string times(double mine, double base);

/// A table whose columns are aligned, so that it can be read as it is.
class markdown_table {
public:
  explicit markdown_table(std::vector<std::string> titles) : rows_{std::move(titles)} {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// Whether there is no row but the titles.
  bool empty() const { return rows_.size() == 1; }
  std::string text() const;

private:
  std::vector<std::vector<std::string>> rows_;
};

} // namespace lodge::bench
