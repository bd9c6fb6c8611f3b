#pragma once

#include "tests/simulation/history.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge::test {

/// Reads a lodge file from outside, by SQLite and by what storage/README.md says of the format; none of lodge's code.
class observer {
public:
  explicit observer(const std::string& path);
  observer(const observer&) = delete;
  observer& operator=(const observer&) = delete;
  ~observer();

  std::uint64_t identity();
  std::uint64_t sequence();
  /// The changes after this number, in order.
  std::vector<change> changes_after(std::uint64_t number);
  std::optional<stored_base> base_of(std::uint64_t collection);
  /// Rows, log entries and chunks that a sweep after a compaction of every collection leaves none of.
  std::string left_behind();

private:
  class query;
  struct handles;
  std::unique_ptr<handles> handles_;
};

/// From here on SQLite's own waiting for locks takes no time: whoever holds them is not going to move meanwhile.
void do_not_sleep_in_sqlite();

} // namespace lodge::test
