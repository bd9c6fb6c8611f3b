#pragma once

#include <string>

namespace lodge::bench {

/// Asks the kernel to forget what it has cached of a file, which nobody writes to. The share of it that stays cached:
/// all of it where files are in memory (tmpfs).
double evict(const std::string& file);

} // namespace lodge::bench
