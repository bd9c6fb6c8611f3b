#pragma once

#include <lodge/options.hpp>

#include <sys/resource.h>

namespace lodge {

/// For an actor with a thread of its own that builds: searches come first.
///
/// On Linux this is the nice value of the calling thread alone. Not 19: beside two busy compilers a core that left 1 %
/// of a core, and at 10 a compaction of two seconds took a minute.
inline void lower_priority(run_mode mode) {
  if (mode == run_mode::threads)
    setpriority(PRIO_PROCESS, 0, 5);
}

} // namespace lodge
