#include "index/kernels.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace lodge;
using namespace lodge::index;

namespace {

struct sums {
  double squares = 0;
  double product = 0;
  /// Of the terms' sizes: what rounding errors are measured by.
  double absolute_products = 0;
};

sums in_double(const std::vector<float>& a, const std::vector<float>& b, std::size_t dimension) {
  sums made;
  for (std::size_t i = 0; i < dimension; ++i) {
    const auto difference = double{a[i]} - double{b[i]};
    const auto product = double{a[i]} * double{b[i]};
    made.squares += difference * difference;
    made.product += product;
    made.absolute_products += std::abs(product);
  }
  return made;
}

std::vector<float> random_values(std::size_t count, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> made(count);
  for (auto& value : made)
    value = normal(random);
  return made;
}

void check_dimension(std::size_t dimension, std::mt19937& random) {
  auto a = random_values(dimension, random);
  auto b = random_values(dimension, random);
  // What lies behind the vectors must not count.
  a.resize(dimension + 16, std::numeric_limits<float>::quiet_NaN());
  b.resize(dimension + 16, std::numeric_limits<float>::quiet_NaN());
  const auto expected = in_double(a, b, dimension);
  const auto squares = squared_l2(a.data(), b.data(), dimension);
  const auto negated = negated_product(a.data(), b.data(), dimension);
  BOOST_TEST_CONTEXT("dimension " << dimension) {
    BOOST_TEST(std::abs(squares - expected.squares) <= 1e-5 * expected.squares);
    BOOST_TEST(std::abs(negated + expected.product) <= 1e-5 * expected.absolute_products);
    BOOST_TEST(squared_l2(a.data(), a.data(), dimension) == 0.0F);
  }
}

double length(const std::vector<float>& of) { return std::sqrt(in_double(of, of, of.size()).product); }

} // namespace

BOOST_AUTO_TEST_SUITE(kernels)

BOOST_AUTO_TEST_CASE(distances_equal_a_double_precision_sum_in_every_small_dimension) {
  std::mt19937 random{1};
  for (std::size_t dimension = 1; dimension <= 200; ++dimension)
    check_dimension(dimension, random);
}

BOOST_AUTO_TEST_CASE(distances_equal_a_double_precision_sum_in_large_dimensions) {
  std::mt19937 random{2};
  for (const std::size_t dimension : {255U, 256U, 257U, 384U, 768U, 1'000U, 1'536U, 4'095U, 65'536U})
    check_dimension(dimension, random);
}

BOOST_AUTO_TEST_CASE(vectors_may_start_anywhere_in_memory) {
  std::mt19937 random{3};
  const auto a = random_values(64, random);
  const auto b = random_values(64, random);
  for (std::size_t offset = 0; offset < 16; ++offset) {
    const std::vector<float> aligned_a(a.begin() + static_cast<std::ptrdiff_t>(offset), a.end());
    const std::vector<float> aligned_b(b.begin() + static_cast<std::ptrdiff_t>(offset), b.end());
    BOOST_TEST(squared_l2(a.data() + offset, b.data() + offset, 64 - offset)
               == squared_l2(aligned_a.data(), aligned_b.data(), 64 - offset));
  }
}

BOOST_AUTO_TEST_CASE(each_metric_has_the_distance_that_orders_it) {
  const std::vector<float> query{1, 2};
  const std::vector<float> other{4, -2};
  BOOST_TEST(distance_for(metric::l2)(query.data(), other.data(), 2) == 25.0F);
  BOOST_TEST(distance_for(metric::cosine)(query.data(), other.data(), 2) == 25.0F);
  BOOST_TEST(distance_for(metric::inner_product)(query.data(), other.data(), 2) == 0.0F);
  BOOST_TEST(distance_for(metric::inner_product)(query.data(), query.data(), 2) == -5.0F);
}

BOOST_AUTO_TEST_CASE(a_score_is_what_the_public_header_says_of_each_metric) {
  BOOST_TEST(score_of(metric::l2, 25.0F) == 5.0F);
  BOOST_TEST(score_of(metric::l2, 0.0F) == 0.0F);
  BOOST_TEST(score_of(metric::inner_product, -7.5F) == 7.5F);
  BOOST_TEST(score_of(metric::cosine, 0.0F) == 1.0F);
  BOOST_TEST(score_of(metric::cosine, 2.0F) == 0.0F);
  BOOST_TEST(score_of(metric::cosine, 4.0F) == -1.0F);
}

BOOST_AUTO_TEST_CASE(cosine_scores_equal_the_similarity_of_vectors_of_any_length) {
  std::mt19937 random{4};
  for (const float scale_a : {1e-20F, 1.0F, 1e15F})
    for (const float scale_b : {1e-3F, 1.0F, 1e18F}) {
      auto a = random_values(50, random);
      auto b = random_values(50, random);
      for (auto& value : a)
        value *= scale_a;
      for (auto& value : b)
        value *= scale_b;
      const auto expected = in_double(a, b, 50).product / (length(a) * length(b));
      prepare(metric::cosine, a);
      prepare(metric::cosine, b);
      const auto score = score_of(metric::cosine, distance_for(metric::cosine)(a.data(), b.data(), 50));
      BOOST_TEST(std::abs(score - expected) < 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(preparing_for_cosine_gives_length_one_also_at_the_ends_of_the_range) {
  for (const float value : {1e-45F, 1e-38F, 1e-10F, 1.0F, 1e30F, 3.4e38F}) {
    std::vector<float> vector(100, value);
    prepare(metric::cosine, vector);
    BOOST_TEST_CONTEXT("values of " << value)
    BOOST_TEST(std::abs(length(vector) - 1) < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(preparing_for_the_other_metrics_changes_no_bit) {
  const std::vector<float> given{3.0F, -0.0F, 1e-45F, 3.4e38F, 0.1F};
  for (const auto value : {metric::l2, metric::inner_product}) {
    auto prepared = given;
    prepare(value, prepared);
    BOOST_TEST(prepared == given);
    BOOST_TEST(std::signbit(prepared[1]));
  }
}

BOOST_AUTO_TEST_SUITE_END()
