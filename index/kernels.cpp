#include "index/kernels.hpp"

#include <array>
#include <cmath>

namespace lodge::index {

namespace {

// Independent sums let the compiler use vector registers without being allowed to reorder float additions.
constexpr std::size_t lanes = 16;

template <class Term>
float sum_of_terms(const float* a, const float* b, std::size_t dimension, Term term) {
  std::array<float, lanes> sums{};
  std::size_t i = 0;
  for (; i + lanes <= dimension; i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane)
      sums[lane] += term(a[i + lane], b[i + lane]);
  float tail = 0;
  for (; i < dimension; ++i)
    tail += term(a[i], b[i]);
  for (std::size_t width = lanes / 2; width > 0; width /= 2)
    for (std::size_t lane = 0; lane < width; ++lane)
      sums[lane] += sums[lane + width];
  return sums[0] + tail;
}

} // namespace

float squared_l2(const float* a, const float* b, std::size_t dimension) {
  return sum_of_terms(a, b, dimension, [](float x, float y) { return (x - y) * (x - y); });
}

float negated_product(const float* a, const float* b, std::size_t dimension) {
  return -sum_of_terms(a, b, dimension, [](float x, float y) { return x * y; });
}

distance_function distance_for(metric value) { return value == metric::inner_product ? negated_product : squared_l2; }

float score_of(metric value, float distance) {
  switch (value) {
  case metric::l2: return std::sqrt(distance);
  case metric::inner_product: return -distance;
  // |a - b|² = 2 - 2ab for vectors of length 1.
  case metric::cosine: return 1 - distance / 2;
  }
  return distance;
}

void prepare(metric value, std::span<float> vector) {
  if (value != metric::cosine)
    return;
  double squares = 0;
  for (float x : vector)
    squares += double{x} * x;
  const auto factor = 1 / std::sqrt(squares);
  for (float& x : vector)
    x = static_cast<float>(x * factor);
}

} // namespace lodge::index
