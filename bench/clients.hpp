#pragma once

#include "bench/contestant.hpp"
#include "bench/truth.hpp"

#include <functional>
#include <vector>

namespace lodge::bench {

/// What a number of threads got done, each with one call at a time.
struct pace {
  /// Calls a second, of all threads together.
  double rate = 0;
  /// Of a single call, in microseconds.
  double p50 = 0;
  double p99 = 0;
};

/// Has `clients` threads call `call(client, n)` (n counts each one's calls from 0) for `time`, after a tenth of it
/// that does not count. The threads share nothing.
pace run_clients(unsigned clients, seconds time, const std::function<void(unsigned, std::size_t)>& call);

/// The answers to all queries.
std::vector<neighbours> ask_all(const contestant& whom, const matrix& queries, std::size_t k, unsigned threads);

/// The value below which a share of the values lies (nearest rank). Reorders them.
double percentile(std::vector<double>& values, double share);

} // namespace lodge::bench
