#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace lodge::test {

struct child_limits {
  std::chrono::seconds time{120};
  /// Of the address space; 0 for none.
  std::uint64_t bytes = 0;
};

/// How a child ended: what it said, and a sentence if it ended otherwise than by saying it.
struct child_end {
  std::string said;
  std::string failure;
};

/// Runs the work in a child made by fork, so that a crash, a hang or an absurd allocation ends it alone. The parent
/// must have one thread.
child_end run_in_child(const std::function<std::string()>& work, const child_limits& limits);

} // namespace lodge::test
