#pragma once

#include "bench/contestant.hpp"
#include "bench/data.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace lodge::bench {

inline std::vector<std::string> all_parts() {
  return {"build", "search", "exact", "filters",  "forms",     "open",  "text",
          "write", "mixed",  "churn", "timeline", "processes", "holder"};
}

/// How the benchmark is run.
struct run_options {
  std::vector<std::string> data{"words", "mixture"};
  std::vector<std::string> parts{all_parts()};
  /// Name and rows are set for each data in turn.
  data_choice choice;
  /// Where everything is written.
  std::string out = "bench-results";
  /// Take index files that an earlier run left there.
  bool reuse = false;
  unsigned repeats = 3;
  /// Of each measured stretch.
  seconds time{1.5};
  /// Single puts in the part churn; the part text makes at most so many.
  std::size_t puts = 100'000;
  /// Collections of more rows are left out where a part has several sizes of its own.
  std::size_t most_rows = 1'000'000;
  /// Said in the first line.
  std::string commit;
  std::string packages;

  bool has(const std::string& part) const { return std::ranges::count(parts, part) > 0; }
  /// Rows of a part that has data of its own.
  std::size_t rows_of_own(std::size_t most) const { return choice.rows == 0 ? most : std::min(most, choice.rows); }
  std::string index_file(const competitor& of, const std::string& data_name) const {
    return out + "/" + data_name + of.ending;
  }
};

inline unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }

} // namespace lodge::bench
