#pragma once

#include <lodge/types.hpp>

#include <cstddef>
#include <span>

namespace lodge::index {

/// Distance that the index orders by: smaller is nearer, for each metric.
///
/// l2 and cosine: the squared Euclidean distance (cosine on vectors of length 1, see `prepare`).
/// inner_product: the negated product.
using distance_function = float (*)(const float* a, const float* b, std::size_t dimension);

/// The kernel that fits the metric; asked once, then called through the pointer.
distance_function distance_for(metric value);

float squared_l2(const float* a, const float* b, std::size_t dimension);
float negated_product(const float* a, const float* b, std::size_t dimension);

/// What a user reads as `hit::score`, from the distance that the index orders by.
float score_of(metric value, float distance);

/// Brings a vector, in place, into the form that is indexed: length 1 under cosine, unchanged otherwise.
void prepare(metric value, std::span<float> vector);

} // namespace lodge::index
