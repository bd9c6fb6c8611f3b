#pragma once

#include "journal.hpp"

#include <lodge/database.hpp>

#include <cstdint>
#include <vector>

namespace general_test {

/// When a process that only searches first answered as of a change.
struct sight {
  std::uint64_t number = 0;
  std::int64_t at_ns = 0;
};

/// Searches until the time, and notes each new change that an answer is as of.
lodge::result<std::vector<sight>> observe(const lodge::collection& things, std::int64_t until_ns);

/// Milliseconds from each answer to a writer until the change was seen, ascending; those never seen are left out.
std::vector<double> latencies(const std::vector<change>& merged, const std::vector<sight>& seen);

} // namespace general_test
