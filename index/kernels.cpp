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
#include "index/kernels_int8.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace lodge::index::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Eight lanes at the most, also where there are sixteen: rows start anywhere in memory, and each load of sixteen would
/// cross a cache line (measured: slower at 100 to 1,536 values).
using values = hn::CappedTag<float, 8>;
using lanes = hn::Vec<values>;

// Loads of values of either form, as floats.

lanes load(const float* from) { return hn::LoadU(values{}, from); }
lanes load(const hwy::float16_t* from) {
  return hn::PromoteTo(values{}, hn::LoadU(hn::Rebind<hwy::float16_t, values>{}, from));
}
float value_of(const float* from) { return *from; }
float value_of(const hwy::float16_t* from) {
  const hn::CappedTag<float, 1> alone;
  return hn::GetLane(hn::PromoteTo(alone, hn::LoadU(hn::Rebind<hwy::float16_t, decltype(alone)>{}, from)));
}

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
template <class Term, class Value>
struct row_sum {
  explicit row_sum(const void* values_of_row) : row(static_cast<const Value*>(values_of_row)) {}

  void add_even(std::size_t i, lanes query) { even = Term::add(even, query, load(row + i)); }
  void add_odd(std::size_t i, lanes query) { odd = Term::add(odd, query, load(row + i)); }
  void add_tail(std::size_t i, lanes query, hn::Mask<values> counted) {
    odd = Term::add(odd, query, hn::IfThenZeroElse(counted, load(row + i)));
  }
  float distance() const { return Term::finish(hn::GetLane(hn::SumOfLanes(values{}, hn::Add(even, odd)))); }
  /// Of a row that does not fill the lanes.
  float short_distance(const float* query, std::size_t dimension) const {
    float sum = 0;
    for (std::size_t i = 0; i < dimension; ++i)
      sum = Term::add(sum, query[i], value_of(row + i));
    return Term::finish(sum);
  }

  const Value* row;
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

template <class Term, class Value>
float one(const void* query_values, const void* row, std::size_t dimension) {
  const auto* const query = static_cast<const float*>(query_values);
  row_sum<Term, Value> sum{row};
  if (dimension < hn::Lanes(values{}))
    return sum.short_distance(query, dimension);
  add_all(query, dimension, sum);
  return sum.distance();
}

template <class Term, class Value>
void four(const void* query_values, const void* const* rows, std::size_t dimension, float* distances) {
  const auto* const query = static_cast<const float*>(query_values);
  row_sum<Term, Value> a{rows[0]}, b{rows[1]}, c{rows[2]}, d{rows[3]};
  if (dimension < hn::Lanes(values{})) {
    for (std::size_t row = 0; row < 4; ++row)
      distances[row] = row_sum<Term, Value>{rows[row]}.short_distance(query, dimension);
    return;
  }
  add_all(query, dimension, a, b, c, d);
  distances[0] = a.distance();
  distances[1] = b.distance();
  distances[2] = c.distance();
  distances[3] = d.distance();
}

/// Adds the terms of all pairs at the values from `i` on.
template <class Term, class Value, std::size_t Queries, std::size_t Rows>
HWY_INLINE void add_pairs(const void* const* queries, const void* const* rows, std::size_t i,
                          lanes (&sums)[Queries][Rows]) {
  lanes of_rows[Rows];
  for (std::size_t row = 0; row < Rows; ++row)
    of_rows[row] = load(static_cast<const Value*>(rows[row]) + i);
  for (std::size_t query = 0; query < Queries; ++query) {
    const auto of_query = load(static_cast<const float*>(queries[query]) + i);
    for (std::size_t row = 0; row < Rows; ++row)
      sums[query][row] = Term::add(sums[query][row], of_query, of_rows[row]);
  }
}

/// The same of the values that are to be counted.
template <class Term, class Value, std::size_t Queries, std::size_t Rows>
HWY_INLINE void add_tails(const void* const* queries, const void* const* rows, std::size_t i, hn::Mask<values> counted,
                          lanes (&sums)[Queries][Rows]) {
  for (std::size_t query = 0; query < Queries; ++query) {
    const auto of_query = hn::IfThenZeroElse(counted, load(static_cast<const float*>(queries[query]) + i));
    for (std::size_t row = 0; row < Rows; ++row)
      sums[query][row] = Term::add(sums[query][row], of_query,
                                   hn::IfThenZeroElse(counted, load(static_cast<const Value*>(rows[row]) + i)));
  }
}

/// All pairs of so many queries and rows: each value is loaded once for all that it is compared with. The terms are
/// added in the order of `add_all`, but first those of one of its two sums and then of the other, so that 4 x 3 find
/// room in 16 registers.
template <class Term, class Value, std::size_t Queries, std::size_t Rows>
void tile(const void* const* queries, const void* const* rows, std::size_t dimension, float* distances,
          std::size_t stride) {
  const values all;
  const auto width = hn::Lanes(all);
  const auto in_twos = dimension / (2 * width) * (2 * width);
  const auto in_lanes = dimension / width * width;
  lanes even[Queries][Rows];
  for (auto& each : even)
    for (auto& sum : each)
      sum = hn::Zero(all);
  for (std::size_t i = 0; i < in_lanes; i += 2 * width)
    add_pairs<Term, Value>(queries, rows, i, even);
  lanes odd[Queries][Rows];
  for (auto& each : odd)
    for (auto& sum : each)
      sum = hn::Zero(all);
  for (std::size_t i = width; i < in_twos; i += 2 * width)
    add_pairs<Term, Value>(queries, rows, i, odd);
  if (in_lanes < dimension)
    add_tails<Term, Value>(queries, rows, dimension - width, hn::FirstN(all, in_lanes + width - dimension), odd);
  for (std::size_t query = 0; query < Queries; ++query)
    for (std::size_t row = 0; row < Rows; ++row)
      distances[query * stride + row] =
        Term::finish(hn::GetLane(hn::SumOfLanes(all, hn::Add(even[query][row], odd[query][row]))));
}

template <class Term, class Value, std::size_t Queries>
void all_rows(const void* const* queries, const all_pairs& pairs, float* distances) {
  constexpr std::size_t together = 3;
  const auto count = pairs.rows.size();
  const auto* const rows = pairs.rows.data();
  std::size_t row = 0;
  for (; row + together <= count; row += together)
    tile<Term, Value, Queries, together>(queries, rows + row, pairs.dimension, distances + row, count);
  for (; row < count; ++row)
    tile<Term, Value, Queries, 1>(queries, rows + row, pairs.dimension, distances + row, count);
}

template <class Term, class Value>
void all(const all_pairs& pairs, float* distances) {
  constexpr std::size_t together = 4;
  const auto count = pairs.queries.size();
  const auto* const queries = pairs.queries.data();
  const auto stride = pairs.rows.size();
  if (pairs.dimension < hn::Lanes(values{})) {
    for (const auto* query : pairs.queries)
      for (const auto* row : pairs.rows)
        *distances++ = one<Term, Value>(query, row, pairs.dimension);
    return;
  }
  std::size_t query = 0;
  for (; query + together <= count; query += together)
    all_rows<Term, Value, together>(queries + query, pairs, distances + query * stride);
  for (; query < count; ++query)
    all_rows<Term, Value, 1>(queries + query, pairs, distances + query * stride);
}

// Values beyond the largest of half precision become infinite: the caller lets none in.

void write(std::span<const float> prepared, float* to) { std::copy(prepared.begin(), prepared.end(), to); }

void write(std::span<const float> prepared, hwy::float16_t* to) {
  const hn::CappedTag<float, 1> alone;
  const auto width = hn::Lanes(values{});
  const auto* const from = prepared.data();
  std::size_t i = 0;
  for (; i + width <= prepared.size(); i += width)
    hn::StoreU(hn::DemoteTo(hn::Rebind<hwy::float16_t, values>{}, load(from + i)), hn::Rebind<hwy::float16_t, values>{},
               to + i);
  for (; i < prepared.size(); ++i)
    hn::StoreU(hn::DemoteTo(hn::Rebind<hwy::float16_t, decltype(alone)>{}, hn::LoadU(alone, from + i)),
               hn::Rebind<hwy::float16_t, decltype(alone)>{}, to + i);
}

template <class Value>
void write_vector(std::span<const float> prepared, void* to) {
  write(prepared, static_cast<Value*>(to));
}

void row_as_query(const void* row, std::size_t dimension, void* query) {
  const auto* const from = static_cast<const hwy::float16_t*>(row);
  auto* const to = static_cast<float*>(query);
  const auto width = hn::Lanes(values{});
  std::size_t i = 0;
  for (; i + width <= dimension; i += width)
    hn::StoreU(load(from + i), values{}, to + i);
  for (; i < dimension; ++i)
    to[i] = value_of(from + i);
}

template <class Term>
kernels of_term(vector_form form) {
  if (form == vector_form::float16) {
    using half = hwy::float16_t;
    return {one<Term, half>,     four<Term, half>, all<Term, half>, write_vector<half>,
            write_vector<float>, row_as_query,     nullptr};
  }
  return {one<Term, float>,    four<Term, float>, all<Term, float>, write_vector<float>,
          write_vector<float>, nullptr,           nullptr};
}

kernels chosen(metric value, vector_form form) {
  return value == metric::inner_product ? of_term<negated_product>(form) : of_term<squared_difference>(form);
}

} // namespace
} // namespace lodge::index::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lodge::index {

HWY_EXPORT(chosen);

kernels kernels_for(metric value, vector_form form) {
  return form == vector_form::int8 ? int8_kernels_for(value) : HWY_DYNAMIC_DISPATCH(chosen)(value, form);
}

std::vector<std::pair<const char*, kernels>> kernels_of_all_targets(metric value, vector_form form) {
  std::vector<std::pair<const char*, kernels>> all;
  for (auto targets = hwy::SupportedTargets() & HWY_TARGETS; targets != 0; targets &= targets - 1) {
    const auto target = targets & -targets;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    all.emplace_back(hwy::TargetName(target), kernels_for(value, form));
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

float distance_at(metric value, float score) {
  if (value == metric::inner_product)
    return -score;
  const auto is_within = [&](std::uint32_t bits) {
    const auto reached = score_of(value, std::bit_cast<float>(bits));
    return value == metric::l2 ? reached <= score : reached >= score;
  };
  // Floats of 0 and more are in the order of their bits, and scores in that of distances.
  if (!is_within(0))
    return -1;
  auto within = std::uint32_t{0};
  auto beyond = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::infinity()) + 1;
  while (beyond - within > 1) {
    const auto middle = within + (beyond - within) / 2;
    (is_within(middle) ? within : beyond) = middle;
  }
  return std::bit_cast<float>(within);
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

std::span<const float> vector_writer::prepared(const void* given, std::size_t dimension) {
  prepared_.resize(dimension);
  std::memcpy(prepared_.data(), given, dimension * sizeof(float));
  prepare(metric_, prepared_);
  return prepared_;
}

void vector_writer::write_row(const void* given, std::size_t dimension, void* to) {
  kernels_.write_row(prepared(given, dimension), to);
}

void vector_writer::write_query(const void* given, std::size_t dimension, void* to) {
  kernels_.write_query(prepared(given, dimension), to);
}

} // namespace lodge::index
#endif
