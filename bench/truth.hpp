#pragma once

#include "bench/data.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lodge::bench {

/// Row numbers, nearest first.
using neighbours = std::vector<std::int64_t>;

/// The k nearest rows of each query, by a scan of all rows in float64 that has no code in common with a contestant.
/// Squared Euclidean distance, which orders vectors of length 1 as cosine does; equal ones in the order of the rows.
std::vector<neighbours> exact_neighbours(const dataset& of, std::size_t k, unsigned threads);

/// The share of the true neighbours that were found.
double recall(const std::vector<neighbours>& truth, const std::vector<neighbours>& found);

} // namespace lodge::bench
