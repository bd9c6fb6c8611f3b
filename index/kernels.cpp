// Compiled once for each set of instructions that Highway knows of this architecture; the processor's best is chosen
// when the program runs.
//
// Not for vectors whose length the compiler does not know: `row_sum` has some as its members. NEON stays.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "index/kernels.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "index/kernels.hpp"

#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace lodge::index::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Eight lanes at the most, also where there are sixteen: rows start anywhere in memory, and each load of sixteen would
/// cross a cache line (measured: slower at 100 to 1,536 values).
using values = hn::CappedTag<float, 8>;
using lanes = hn::Vec<values>;

struct squared_difference {
  static lanes add(lanes sum, lanes a, lanes b) {
    const auto difference = hn::Sub(a, b);
    return hn::MulAdd(difference, difference, sum);
  }
  static float add(float sum, float a, float b) { return sum + (a - b) * (a - b); }
  static float finish(float sum) { return sum; }
};

struct negated_product {
  static lanes add(lanes sum, lanes a, lanes b) { return hn::MulAdd(a, b, sum); }
  static float add(float sum, float a, float b) { return sum + a * b; }
  static float finish(float sum) { return -sum; }
};

/// The sum of a row's terms. It is two sums in turn, so that an addition need not wait for the one before it.
template <class Term>
struct row_sum {
  explicit row_sum(const float* values_of_row) : row(values_of_row) {}

  void add_even(std::size_t i, lanes query) { even = Term::add(even, query, hn::LoadU(values{}, row + i)); }
  void add_odd(std::size_t i, lanes query) { odd = Term::add(odd, query, hn::LoadU(values{}, row + i)); }
  void add_tail(std::size_t i, lanes query, hn::Mask<values> counted) {
    odd = Term::add(odd, query, hn::IfThenZeroElse(counted, hn::LoadU(values{}, row + i)));
  }
  float distance() const { return Term::finish(hn::GetLane(hn::SumOfLanes(values{}, hn::Add(even, odd)))); }
  /// Of a row that does not fill the lanes.
  float short_distance(const float* query, std::size_t dimension) const {
    float sum = 0;
    for (std::size_t i = 0; i < dimension; ++i)
      sum = Term::add(sum, query[i], row[i]);
    return Term::finish(sum);
  }

  const float* row;
  lanes even = hn::Zero(values{});
  lanes odd = hn::Zero(values{});
};

/// Loads each value of the query once for all the rows, and sums them in the same order for any number of rows.
template <class... Rows>
void add_all(const float* query, std::size_t dimension, Rows&... rows) {
  const values all;
  const auto width = hn::Lanes(all);
  std::size_t i = 0;
  for (; i + 2 * width <= dimension; i += 2 * width) {
    const auto first = hn::LoadU(all, query + i);
    const auto second = hn::LoadU(all, query + i + width);
    (rows.add_even(i, first), ...);
    (rows.add_odd(i + width, second), ...);
  }
  if (i + width <= dimension) {
    const auto first = hn::LoadU(all, query + i);
    (rows.add_even(i, first), ...);
    i += width;
  }
  if (i < dimension) {
    // The last lanes once more, without those that were counted.
    const auto counted = hn::FirstN(all, i + width - dimension);
    const auto last = dimension - width;
    const auto tail = hn::IfThenZeroElse(counted, hn::LoadU(all, query + last));
    (rows.add_tail(last, tail, counted), ...);
  }
}

template <class Term>
float one(const float* query, const float* row, std::size_t dimension) {
  row_sum<Term> sum{row};
  if (dimension < hn::Lanes(values{}))
    return sum.short_distance(query, dimension);
  add_all(query, dimension, sum);
  return sum.distance();
}

template <class Term>
void four(const float* query, const float* const* rows, std::size_t dimension, float* distances) {
  row_sum<Term> a{rows[0]}, b{rows[1]}, c{rows[2]}, d{rows[3]};
  if (dimension < hn::Lanes(values{})) {
    for (std::size_t row = 0; row < 4; ++row)
      distances[row] = row_sum<Term>{rows[row]}.short_distance(query, dimension);
    return;
  }
  add_all(query, dimension, a, b, c, d);
  distances[0] = a.distance();
  distances[1] = b.distance();
  distances[2] = c.distance();
  distances[3] = d.distance();
}

kernels chosen(metric value) {
  if (value == metric::inner_product)
    return {one<negated_product>, four<negated_product>};
  return {one<squared_difference>, four<squared_difference>};
}

} // namespace
} // namespace lodge::index::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lodge::index {

HWY_EXPORT(chosen);

kernels kernels_for(metric value) { return HWY_DYNAMIC_DISPATCH(chosen)(value); }

std::vector<std::pair<const char*, kernels>> kernels_of_all_targets(metric value) {
  std::vector<std::pair<const char*, kernels>> all;
  for (auto targets = hwy::SupportedTargets() & HWY_TARGETS; targets != 0; targets &= targets - 1) {
    const auto target = targets & -targets;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    all.emplace_back(hwy::TargetName(target), kernels_for(value));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  return all;
}

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
#endif
