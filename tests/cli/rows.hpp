#pragma once

#include "cli/formats/row_reader.hpp"

#include <string>
#include <vector>

namespace lodge::test {

/// All that a reader gives until its end or a row after which it cannot go on.
struct rows_read {
  std::vector<item> items;
  /// "line 3: ..." of each bad row.
  std::vector<std::string> bad;
  /// The same of the row that ended the reading; empty at a good end.
  std::string broken;
};

inline rows_read read_all(cli::row_reader& from) {
  rows_read seen;
  for (;;) {
    item row;
    const auto read = from.next(row);
    const auto said = [&] {
      return std::string{from.unit()} + " " + std::to_string(from.number()) + ": " + read.failure.detail;
    };
    if (read.what == cli::met::end)
      return seen;
    if (read.what == cli::met::broken) {
      seen.broken = said();
      return seen;
    }
    if (read.what == cli::met::bad_row)
      seen.bad.push_back(said());
    else
      seen.items.push_back(std::move(row));
  }
}

/// A float's bits as the text that a file holds.
template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace lodge::test
