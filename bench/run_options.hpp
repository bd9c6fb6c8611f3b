#pragma once

#include "bench/contestant.hpp"
#include "bench/data.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace lodge::bench {

/// How the benchmark is run.
struct run_options {
  std::vector<std::string> data{"words", "mixture"};
  /// "build", "search", "open", "write", "processes" and "holder".
  std::vector<std::string> parts{"build", "search", "open", "write", "processes", "holder"};
  /// Name and rows are set for each data in turn.
  data_choice choice;
  /// Where everything is written.
  std::string out = "bench-results";
  /// Take index files that an earlier run left there.
  bool reuse = false;
  unsigned repeats = 3;
  /// Of each measured stretch.
  seconds time{2};
  /// Collections of more rows are left out where a part has several sizes of its own.
  std::size_t most_rows = 1'000'000;
  /// Said in the first line.
  std::string commit;
  std::string packages;

  bool has(const std::string& part) const { return std::ranges::count(parts, part) > 0; }
  std::string index_file(const competitor& of, const std::string& data_name) const {
    return out + "/" + data_name + of.ending;
  }
};

inline unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }

} // namespace lodge::bench
