#include "bench/truth.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

namespace lodge::bench {

namespace {

/// Four sums, so that the compiler may use vector registers.
double squared_distance(std::span<const float> a, std::span<const float> b) {
  std::array<double, 4> sums{};
  std::size_t i = 0;
  for (; i + sums.size() <= a.size(); i += sums.size())
    for (std::size_t lane = 0; lane < sums.size(); ++lane) {
      const auto difference = double{a[i + lane]} - b[i + lane];
      sums[lane] += difference * difference;
    }
  double tail = 0;
  for (; i < a.size(); ++i) {
    const auto difference = double{a[i]} - b[i];
    tail += difference * difference;
  }
  return sums[0] + sums[1] + sums[2] + sums[3] + tail;
}

neighbours nearest(const matrix& rows, std::span<const float> query, std::size_t k) {
  std::vector<std::pair<double, std::int64_t>> seen(rows.rows());
  for (std::size_t row = 0; row < seen.size(); ++row)
    seen[row] = {squared_distance(query, rows.row(row)), static_cast<std::int64_t>(row)};
  k = std::min(k, seen.size());
  std::ranges::partial_sort(seen, seen.begin() + static_cast<std::ptrdiff_t>(k));
  neighbours found;
  for (std::size_t i = 0; i < k; ++i)
    found.push_back(seen[i].second);
  return found;
}

} // namespace

std::vector<neighbours> exact_neighbours(const dataset& of, std::size_t k, unsigned threads) {
  std::vector<neighbours> truth(of.queries.rows());
  std::vector<std::jthread> workers;
  for (unsigned worker = 0; worker < threads; ++worker)
    workers.emplace_back([&, worker] {
      for (std::size_t i = worker; i < truth.size(); i += threads)
        truth[i] = nearest(of.rows, of.queries.row(i), k);
    });
  workers.clear();
  return truth;
}

double recall(const std::vector<neighbours>& truth, const std::vector<neighbours>& found) {
  std::size_t wanted = 0;
  std::size_t met = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    wanted += truth[i].size();
    for (const auto row : truth[i])
      met += static_cast<std::size_t>(std::ranges::count(found[i], row));
  }
  return static_cast<double>(met) / static_cast<double>(wanted);
}

} // namespace lodge::bench
