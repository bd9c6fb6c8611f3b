#pragma once

#include "bench/journal.hpp"
#include "bench/run_options.hpp"

namespace lodge::bench {

/// The line that says where, with what and how a run was made.
nlohmann::ordered_json machine_line(const run_options& options);

} // namespace lodge::bench
