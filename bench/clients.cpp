#include "bench/clients.hpp"

#include <algorithm>
#include <cmath>
#include <omp.h>
#include <thread>

namespace lodge::bench {

namespace {

using clock = std::chrono::steady_clock;
using microseconds = std::chrono::duration<double, std::micro>;

struct calls_of_one {
  /// Microseconds each.
  std::vector<double> latencies;
  clock::time_point end;
};

calls_of_one run_one(clock::time_point start, clock::time_point end, const std::function<void(std::size_t)>& call) {
  calls_of_one made;
  auto before = clock::now();
  for (std::size_t n = 0; before < end; ++n) {
    call(n);
    const auto after = clock::now();
    if (before >= start)
      made.latencies.push_back(microseconds(after - before).count());
    before = after;
  }
  made.end = before;
  return made;
}

} // namespace

pace run_clients(unsigned clients, seconds time, const std::function<void(unsigned, std::size_t)>& call) {
  const auto start = clock::now() + std::chrono::duration_cast<clock::duration>(time / 10);
  const auto end = start + std::chrono::duration_cast<clock::duration>(time);
  std::vector<calls_of_one> made(clients);
  std::vector<std::jthread> threads;
  for (unsigned client = 0; client < clients; ++client)
    threads.emplace_back([&, client] {
      // Each thread that enters FAISS has an OpenMP team of its own, which would fight with the others' for the cores.
      omp_set_num_threads(1);
      made[client] = run_one(start, end, [&](std::size_t n) { call(client, n); });
    });
  threads.clear();
  std::vector<double> latencies;
  auto last = end;
  for (const auto& each : made) {
    latencies.insert(latencies.end(), each.latencies.begin(), each.latencies.end());
    last = std::max(last, each.end);
  }
  const auto rate = static_cast<double>(latencies.size()) / seconds{last - start}.count();
  return {rate, percentile(latencies, 0.50), percentile(latencies, 0.99)};
}

pace run_client_during(const std::function<void()>& work, const std::function<void(std::size_t)>& call) {
  std::vector<double> latencies;
  const auto start = clock::now();
  {
    const std::jthread client{[&](const std::stop_token& stop) {
      auto before = clock::now();
      for (std::size_t n = 0; !stop.stop_requested(); ++n) {
        call(n);
        const auto after = clock::now();
        latencies.push_back(microseconds(after - before).count());
        before = after;
      }
    }};
    work();
  }
  const auto rate = static_cast<double>(latencies.size()) / seconds{clock::now() - start}.count();
  return {rate, percentile(latencies, 0.50), percentile(latencies, 0.99)};
}

std::size_t act_at_pace(double per_second, const std::stop_token& stop, const std::function<void(std::size_t)>& act) {
  const auto start = clock::now();
  std::size_t n = 0;
  for (; !stop.stop_requested(); ++n) {
    std::this_thread::sleep_until(
      start + std::chrono::duration_cast<clock::duration>(seconds{static_cast<double>(n) / per_second}));
    act(n);
  }
  return n;
}

std::vector<neighbours> ask_all(const way& how, const matrix& queries, std::size_t k, unsigned threads) {
  std::vector<neighbours> found(queries.rows());
  std::vector<std::jthread> workers;
  for (unsigned worker = 0; worker < threads; ++worker)
    workers.emplace_back([&, worker] {
      omp_set_num_threads(1);
      const auto mine = how.begin();
      const auto a_call = mine->queries_a_call();
      for (auto first = worker * a_call; first < found.size(); first += threads * a_call)
        std::ranges::move(mine->ask(queries, first, k), found.begin() + static_cast<std::ptrdiff_t>(first));
    });
  workers.clear();
  return found;
}

double percentile(std::vector<double>& values, double share) {
  if (values.empty())
    return 0;
  const auto rank = std::ceil(share * static_cast<double>(values.size()));
  const auto place = static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
  std::ranges::nth_element(values, values.begin() + place);
  return values[static_cast<std::size_t>(place)];
}

} // namespace lodge::bench
