#pragma once

#include <lodge/types.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace lodge::index {

/// Vectors to be compared, each query with each row.
struct all_pairs {
  std::span<const float* const> queries;
  std::span<const float* const> rows;
  std::size_t dimension = 0;
};

/// Distances that the index orders by: smaller is nearer, for each metric.
///
/// l2 and cosine: the squared Euclidean distance (cosine on vectors of length 1, see `prepare`).
/// inner_product: the negated product.
///
/// Vectors may start anywhere in memory. `four` and `all` give the very same values as calls of `one`.
struct kernels {
  /// Of two vectors of `dimension` values.
  using of_one = float (*)(const float* query, const float* row, std::size_t dimension);
  /// Of a query and four rows, written to four places.
  using of_four = void (*)(const float* query, const float* const* rows, std::size_t dimension, float* distances);

  /// Of all pairs, written in shape (queries, rows). Fast while the vectors of a call fit a core's second cache.
  using of_all = void (*)(const all_pairs& pairs, float* distances);

  of_one one;
  of_four four;
  of_all all;
};

/// The kernels that fit the metric, for the vector instructions that this processor has. To be asked once and then
/// called through the pointers.
kernels kernels_for(metric value);

/// The same for each set of instructions that this processor has, by name. For tests, on one thread.
std::vector<std::pair<const char*, kernels>> kernels_of_all_targets(metric value);

/// What a user reads as `hit::score`, from the distance that the index orders by.
float score_of(metric value, float distance);

/// The largest distance whose score is `score` or nearer; smaller than any if there is none.
float distance_at(metric value, float score);

/// Brings a vector, in place, into the form that is indexed: length 1 under cosine, unchanged otherwise.
void prepare(metric value, std::span<float> vector);

} // namespace lodge::index
