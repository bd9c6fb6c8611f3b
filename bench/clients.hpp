#pragma once

#include "bench/contestant.hpp"
#include "bench/truth.hpp"

#include <functional>
#include <stop_token>
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

/// Has one thread call `call(n)` for as long as `work` takes on the present one.
pace run_client_during(const std::function<void()>& work, const std::function<void(std::size_t)>& call);

/// Calls `act(n)` so many times a second until it is told to stop, and catches up if a call took longer. How many calls
/// it made.
std::size_t act_at_pace(double per_second, const std::stop_token& stop, const std::function<void(std::size_t)>& act);

/// The answers to all queries, of which there are some times `queries_a_call`.
std::vector<neighbours> ask_all(const way& how, const matrix& queries, std::size_t k, unsigned threads);

/// The value below which a share of the values lies (nearest rank). Reorders them.
double percentile(std::vector<double>& values, double share);

} // namespace lodge::bench
