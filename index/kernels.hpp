#pragma once

#include <lodge/types.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace lodge::index {

/// Vectors to be compared, each query with each row.
struct all_pairs {
  std::span<const void* const> queries;
  std::span<const void* const> rows;
  std::size_t dimension = 0;
};

/// How sure a search wants to be of the distances of rough vectors.
enum class certainty : std::uint8_t {
  /// Three standard deviations of the roundings.
  likely,
  /// No true distance is outside.
  full,
};

/// Distances that the index orders by: smaller is nearer, for each metric; and the forms of vectors that they are taken
/// of (`vector_layout`).
///
/// l2 and cosine: the squared Euclidean distance (cosine on vectors of length 1, see `prepare`).
/// inner_product: the negated product.
///
/// Rows and queries may start anywhere in memory. `four` and `all` give the very same values as calls of `one`.
struct kernels {
  /// Of two vectors of `dimension` values.
  using of_one = float (*)(const void* query, const void* row, std::size_t dimension);
  /// Of a query and four rows, written to four places.
  using of_four = void (*)(const void* query, const void* const* rows, std::size_t dimension, float* distances);
  /// Of all pairs, written in shape (queries, rows). Fast while the vectors of a call fit a core's second cache.
  using of_all = void (*)(const all_pairs& pairs, float* distances);
  /// Writes a prepared vector as a row, or as a query.
  using of_writing = void (*)(std::span<const float> prepared, void* to);
  /// Writes the query for what is near a row.
  using of_turning = void (*)(const void* row, std::size_t dimension, void* query);
  /// How far the true distance may be from the one that `one` gave, on either side.
  using of_doubt = float (*)(const void* query, const void* row, std::size_t dimension, float distance,
                             certainty wanted);

  of_one one;
  of_four four;
  of_all all;
  of_writing write_row;
  of_writing write_query;
  /// Null if a row is a query as it is.
  of_turning row_as_query;
  /// Null if there is none.
  of_doubt doubt;
};

/// The kernels that fit the metric and the form, for the vector instructions that this processor has. To be asked once
/// and then called through the pointers.
kernels kernels_for(metric value, vector_form form = vector_form::float32);

/// The same for each set of instructions that this processor has, by name. For tests, on one thread.
std::vector<std::pair<const char*, kernels>> kernels_of_all_targets(metric value,
                                                                    vector_form form = vector_form::float32);

/// What a user reads as `hit::score`, from the distance that the index orders by.
float score_of(metric value, float distance);

/// The largest distance whose score is `score` or nearer; smaller than any if there is none.
float distance_at(metric value, float score);

/// Brings a vector, in place, into the form that is indexed: length 1 under cosine, unchanged otherwise.
void prepare(metric value, std::span<float> vector);

/// Makes rows and queries of vectors as users gave them.
class vector_writer {
public:
  vector_writer(metric value, vector_form form) : metric_(value), kernels_(kernels_for(value, form)) {}

  /// @param given So many finite values, anywhere in memory; not all zero under cosine.
  void write_row(const void* given, std::size_t dimension, void* to);
  void write_query(const void* given, std::size_t dimension, void* to);

private:
  std::span<const float> prepared(const void* given, std::size_t dimension);

  metric metric_;
  kernels kernels_;
  std::vector<float> prepared_;
};

} // namespace lodge::index
