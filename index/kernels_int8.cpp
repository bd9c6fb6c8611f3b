// Compiled once for each set of instructions, as kernels.cpp is.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "index/kernels_int8.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

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

/// As many numbers at a time as two of a row's loads hardly ever cross a cache line for.
using numbers = hn::CappedTag<std::int16_t, 16>;
using row_numbers = hn::Rebind<std::int8_t, numbers>;
using sums = hn::RepartitionToWide<numbers>;

constexpr float largest_of_row = 127;
/// Values of this size have no squares, and no scale.
constexpr float smallest = 1e-30F;

struct query_head {
  float scale = 0;
  /// Its squared length, of its numbers times its scale.
  float squared = 0;
};

query_head head_of(const void* query) {
  query_head head;
  std::memcpy(&head, query, sizeof head);
  return head;
}

const std::int16_t* numbers_of(const void* query) {
  return reinterpret_cast<const std::int16_t*>(static_cast<const std::byte*>(query) + sizeof(query_head));
}

float scale_of(const void* row) {
  std::uint16_t upper = 0;
  std::memcpy(&upper, row, sizeof upper);
  return std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16);
}

const std::int8_t* numbers_of_row(const void* row) { return static_cast<const std::int8_t*>(row) + 2; }

/// What the distances of a row are made of.
struct row_sums {
  explicit row_sums(const void* from) : row(numbers_of_row(from)), scale(scale_of(from)) {}

  template <bool Squares>
  void add(hn::Vec<numbers> query, hn::Vec<numbers> own) {
    products = hn::ReorderWidenMulAccumulate(sums{}, query, own, products, more_products);
    if constexpr (Squares)
      squares = hn::ReorderWidenMulAccumulate(sums{}, own, own, squares, more_squares);
  }
  static std::int32_t sum(hn::Vec<sums> a, hn::Vec<sums> b) {
    return hn::GetLane(hn::SumOfLanes(sums{}, hn::Add(a, b)));
  }

  const std::int8_t* row;
  float scale;
  hn::Vec<sums> products = hn::Zero(sums{});
  hn::Vec<sums> more_products = hn::Zero(sums{});
  hn::Vec<sums> squares = hn::Zero(sums{});
  hn::Vec<sums> more_squares = hn::Zero(sums{});
};

/// Loads each number of the query once for all the rows.
template <bool Squares, class... Rows>
void add_all(const std::int16_t* query, std::size_t dimension, Rows&... rows) {
  const numbers all;
  const auto width = hn::Lanes(all);
  const auto own = [](const std::int8_t* from) { return hn::PromoteTo(numbers{}, hn::LoadU(row_numbers{}, from)); };
  std::size_t i = 0;
  for (; i + width <= dimension; i += width) {
    const auto asked = hn::LoadU(all, query + i);
    (rows.template add<Squares>(asked, own(rows.row + i)), ...);
  }
  if (i < dimension) {
    // The last lanes once more, without those that were counted.
    const auto counted = hn::FirstN(all, i + width - dimension);
    const auto last = dimension - width;
    const auto asked = hn::IfThenZeroElse(counted, hn::LoadU(all, query + last));
    (rows.template add<Squares>(asked, hn::IfThenZeroElse(counted, own(rows.row + last))), ...);
  }
}

/// In double: of two long vectors near each other little is left of their squares.
float distance_of(const query_head& query, float scale, std::int32_t products, std::int32_t squares) {
  const auto own = double{scale};
  const auto both = double{query.scale} * own * products;
  return static_cast<float>(std::max(double{query.squared} + own * own * squares - 2 * both, 0.0));
}

float product_of(const query_head& query, float scale, std::int32_t products) {
  return static_cast<float>(-(double{query.scale} * double{scale} * products));
}

template <bool Squares>
float distance(const query_head& query, const row_sums& row) {
  const auto products = row_sums::sum(row.products, row.more_products);
  if constexpr (Squares)
    return distance_of(query, row.scale, products, row_sums::sum(row.squares, row.more_squares));
  else
    return product_of(query, row.scale, products);
}

/// Of a row that does not fill the lanes.
template <bool Squares>
float short_distance(const void* query, const void* row, std::size_t dimension) {
  const auto* const asked = numbers_of(query);
  const auto* const own = numbers_of_row(row);
  std::int32_t products = 0;
  std::int32_t squares = 0;
  for (std::size_t i = 0; i < dimension; ++i) {
    products += asked[i] * own[i];
    squares += own[i] * own[i];
  }
  return Squares ? distance_of(head_of(query), scale_of(row), products, squares)
                 : product_of(head_of(query), scale_of(row), products);
}

template <bool Squares>
float one(const void* query, const void* row, std::size_t dimension) {
  if (dimension < hn::Lanes(numbers{}))
    return short_distance<Squares>(query, row, dimension);
  row_sums sum{row};
  add_all<Squares>(numbers_of(query), dimension, sum);
  return distance<Squares>(head_of(query), sum);
}

template <bool Squares>
void four(const void* query, const void* const* rows, std::size_t dimension, float* distances) {
  if (dimension < hn::Lanes(numbers{})) {
    for (std::size_t row = 0; row < 4; ++row)
      distances[row] = short_distance<Squares>(query, rows[row], dimension);
    return;
  }
  row_sums a{rows[0]}, b{rows[1]}, c{rows[2]}, d{rows[3]};
  add_all<Squares>(numbers_of(query), dimension, a, b, c, d);
  const auto head = head_of(query);
  distances[0] = distance<Squares>(head, a);
  distances[1] = distance<Squares>(head, b);
  distances[2] = distance<Squares>(head, c);
  distances[3] = distance<Squares>(head, d);
}

template <bool Squares>
void all(const all_pairs& pairs, float* distances) {
  const auto rows = pairs.rows.size();
  for (const auto* const query : pairs.queries) {
    std::size_t row = 0;
    for (; row + 4 <= rows; row += 4)
      four<Squares>(query, pairs.rows.data() + row, pairs.dimension, distances + row);
    for (; row < rows; ++row)
      distances[row] = one<Squares>(query, pairs.rows[row], pairs.dimension);
    distances += rows;
  }
}

float largest_of(std::span<const float> prepared) {
  float largest = 0;
  for (const auto value : prepared)
    largest = std::max(largest, std::abs(value));
  return largest;
}

/// Numbers of so many bytes, nearest to the values over the scale.
template <class Number>
void write_numbers(std::span<const float> prepared, float scale, Number* to) {
  const hn::CappedTag<float, 8> values;
  const auto width = hn::Lanes(values);
  const auto factor = scale == 0 ? 0 : 1 / scale;
  const auto factors = hn::Set(values, factor);
  std::size_t i = 0;
  for (; i + width <= prepared.size(); i += width) {
    const auto nearest = hn::NearestInt(hn::Mul(hn::LoadU(values, prepared.data() + i), factors));
    const hn::Rebind<Number, decltype(values)> narrow;
    hn::StoreU(hn::DemoteTo(narrow, nearest), narrow, to + i);
  }
  for (; i < prepared.size(); ++i)
    to[i] = static_cast<Number>(std::nearbyint(prepared[i] * factor));
}

void write_row(std::span<const float> prepared, void* to) {
  const auto largest = largest_of(prepared);
  // Rounded up, so that no number is beyond 127.
  const auto bits = std::bit_cast<std::uint32_t>(largest < smallest ? 0 : largest / largest_of_row);
  const auto upper = static_cast<std::uint16_t>((bits + 0xffffU) >> 16);
  std::memcpy(to, &upper, sizeof upper);
  write_numbers(prepared, scale_of(to), static_cast<std::int8_t*>(to) + 2);
}

/// The largest number of a query: sums of products with a row's fit 32 bits.
float largest_of_query(std::size_t dimension) {
  constexpr auto most = static_cast<float>(std::numeric_limits<std::int16_t>::max());
  return std::min(most, std::floor(2'000'000'000.0F / (largest_of_row * static_cast<float>(dimension))));
}

void write_query(std::span<const float> prepared, void* to) {
  const auto largest = largest_of(prepared);
  query_head head{largest < smallest ? 0 : largest / largest_of_query(prepared.size()), 0};
  auto* const own = reinterpret_cast<std::int16_t*>(static_cast<std::byte*>(to) + sizeof head);
  write_numbers(prepared, head.scale, own);
  double squares = 0;
  for (std::size_t i = 0; i < prepared.size(); ++i)
    squares += static_cast<double>(own[i]) * own[i];
  head.squared = static_cast<float>(squares * double{head.scale} * head.scale);
  std::memcpy(to, &head, sizeof head);
}

void row_as_query(const void* row, std::size_t dimension, void* query) {
  const auto* const own = numbers_of_row(row);
  auto* const to = reinterpret_cast<std::int16_t*>(static_cast<std::byte*>(query) + sizeof(query_head));
  std::int32_t squares = 0;
  for (std::size_t i = 0; i < dimension; ++i) {
    to[i] = own[i];
    squares += own[i] * own[i];
  }
  query_head head{scale_of(row), 0};
  head.squared = static_cast<float>(double{head.scale} * head.scale * squares);
  std::memcpy(query, &head, sizeof head);
}

/// Each value of a row is off by half its scale at most, and evenly; a query's likewise. So the difference of the two
/// is off by a vector whose length is bounded, or whose part along the difference has a standard deviation.
float doubt_of_square(const void* query, const void* row, std::size_t dimension, float distance, certainty wanted) {
  if (distance == std::numeric_limits<float>::infinity())
    return 0;
  const auto head = head_of(query);
  const auto values = static_cast<float>(dimension);
  // The smallest values count as none.
  const auto scales = scale_of(row) + head.scale + 2 * smallest;
  const auto root = std::sqrt(distance);
  // What rounding to float may add.
  const auto longest = root + std::sqrt(head.squared);
  const auto rounding = 1e-6F * (head.squared + longest * longest) + smallest;
  if (wanted == certainty::full) {
    const auto off = scales / 2 * std::sqrt(values);
    return 2 * root * off + off * off + rounding;
  }
  const auto deviation = scales / std::sqrt(12.0F);
  return 3 * 2 * root * deviation + values * deviation * deviation + rounding;
}

float doubt_of_product(const void* query, const void* row, std::size_t dimension, float distance, certainty wanted) {
  if (distance == std::numeric_limits<float>::infinity())
    return 0;
  const auto head = head_of(query);
  const auto root = std::sqrt(static_cast<float>(dimension));
  // The smallest values count as none.
  const auto own = scale_of(row) + 2 * smallest;
  const auto asked = head.scale + 2 * smallest;
  const auto longest_row = largest_of_row * own * root;
  const auto length = std::sqrt(head.squared);
  const auto rounding = 1e-6F * (std::abs(distance) + length * longest_row) + smallest;
  if (wanted == certainty::full) {
    const auto row_off = own / 2 * root;
    const auto query_off = asked / 2 * root;
    return length * row_off + query_off * longest_row + row_off * query_off + rounding;
  }
  return 3 / std::sqrt(12.0F) * (length * own + longest_row * asked) + rounding;
}

kernels chosen(metric value) {
  if (value == metric::inner_product)
    return {one<false>, four<false>, all<false>, write_row, write_query, row_as_query, doubt_of_product};
  return {one<true>, four<true>, all<true>, write_row, write_query, row_as_query, doubt_of_square};
}

} // namespace
} // namespace lodge::index::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lodge::index {

HWY_EXPORT(chosen);

kernels int8_kernels_for(metric value) { return HWY_DYNAMIC_DISPATCH(chosen)(value); }

} // namespace lodge::index
#endif
