#include "index/kernels.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <span>
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

void check_one(const sums& expected, float squares, float negated) {
  BOOST_TEST(std::abs(squares - expected.squares) <= 1e-5 * expected.squares);
  BOOST_TEST(std::abs(negated + expected.product) <= 1e-5 * expected.absolute_products);
}

/// The kernels of every set of instructions that this machine has.
struct both {
  const char* target;
  kernels l2;
  kernels product;
};

const std::vector<both>& all_targets() {
  static const auto made = [] {
    std::vector<both> all;
    const auto products = kernels_of_all_targets(metric::inner_product);
    for (std::size_t i = 0; i < products.size(); ++i)
      all.push_back({products[i].first, kernels_of_all_targets(metric::l2)[i].second, products[i].second});
    return all;
  }();
  return made;
}

/// Compares the vectors with each other: more of either than go into registers at once.
void check_all(const kernels& distances, const float* query, std::vector<const void*> vectors, std::size_t dimension) {
  vectors.push_back(query);
  const std::span<const void* const> all{vectors};
  for (std::size_t queries = dimension % 5; queries <= 5; queries += 5)
    for (std::size_t rows = dimension % 6 == 5 ? 0 : 5; rows <= 5; rows += 5) {
      std::vector<float> found(queries * rows, std::numeric_limits<float>::quiet_NaN());
      distances.all({all.first(queries), all.first(rows), dimension}, found.data());
      std::size_t different = 0;
      for (std::size_t i = 0; i < found.size(); ++i)
        different += found[i] == distances.one(all[i / rows], all[i % rows], dimension) ? 0 : 1;
      BOOST_TEST(different == 0U,
                 queries << " queries, " << rows << " rows: " << different << " differ from one by one");
    }
}

void check_dimension(std::size_t dimension, std::mt19937& random) {
  auto query = random_values(dimension, random);
  // What lies behind the vectors must not count.
  const auto end_in_nan = [&](std::vector<float>& vector) {
    vector.resize(dimension + 16, std::numeric_limits<float>::quiet_NaN());
  };
  end_in_nan(query);
  std::vector<std::vector<float>> rows(4);
  std::vector<sums> expected;
  std::vector<const void*> places;
  for (auto& row : rows) {
    row = random_values(dimension, random);
    end_in_nan(row);
    expected.push_back(in_double(query, row, dimension));
    places.push_back(row.data());
  }
  for (const auto& [target, l2, product] : all_targets()) {
    BOOST_TEST_CONTEXT("dimension " << dimension << ", " << target) {
      std::array<float, 4> squares{};
      std::array<float, 4> negated{};
      l2.four(query.data(), places.data(), dimension, squares.data());
      product.four(query.data(), places.data(), dimension, negated.data());
      for (std::size_t row = 0; row < 4; ++row) {
        check_one(expected[row], squares[row], negated[row]);
        BOOST_TEST(l2.one(query.data(), places[row], dimension) == squares[row]);
        BOOST_TEST(product.one(query.data(), places[row], dimension) == negated[row]);
      }
      BOOST_TEST(l2.one(query.data(), query.data(), dimension) == 0.0F);
      check_all(l2, query.data(), places, dimension);
      check_all(product, query.data(), places, dimension);
    }
  }
}

double length(const std::vector<float>& of) { return std::sqrt(in_double(of, of, of.size()).product); }

} // namespace

BOOST_AUTO_TEST_SUITE(kernels)

BOOST_AUTO_TEST_CASE(distances_equal_a_double_precision_sum_in_every_dimension_to_2000) {
  std::mt19937 random{1};
  for (std::size_t dimension = 1; dimension <= 2'000; ++dimension)
    check_dimension(dimension, random);
}

BOOST_AUTO_TEST_CASE(distances_equal_a_double_precision_sum_in_large_dimensions) {
  std::mt19937 random{2};
  for (const std::size_t dimension : {4'095U, 65'535U, 65'536U})
    check_dimension(dimension, random);
}

BOOST_AUTO_TEST_CASE(the_kernels_in_use_are_those_of_one_of_the_targets) {
  for (const auto by : {metric::l2, metric::cosine, metric::inner_product}) {
    const auto used = kernels_for(by);
    const auto all = kernels_of_all_targets(by);
    BOOST_TEST(std::ranges::any_of(all, [&](const auto& each) { return each.second.one == used.one; }));
    BOOST_TEST((kernels_for(by).four == used.four));
  }
}

BOOST_AUTO_TEST_CASE(vectors_may_start_anywhere_in_memory) {
  std::mt19937 random{3};
  const auto a = random_values(64, random);
  const auto b = random_values(64, random);
  for (std::size_t offset = 0; offset < 16; ++offset) {
    const std::vector<float> aligned_a(a.begin() + static_cast<std::ptrdiff_t>(offset), a.end());
    const std::vector<float> aligned_b(b.begin() + static_cast<std::ptrdiff_t>(offset), b.end());
    const auto distance = kernels_for(metric::l2).one;
    BOOST_TEST(distance(a.data() + offset, b.data() + offset, 64 - offset)
               == distance(aligned_a.data(), aligned_b.data(), 64 - offset));
  }
}

BOOST_AUTO_TEST_CASE(each_metric_has_the_distance_that_orders_it) {
  const std::vector<float> query{1, 2};
  const std::vector<float> other{4, -2};
  BOOST_TEST(kernels_for(metric::l2).one(query.data(), other.data(), 2) == 25.0F);
  BOOST_TEST(kernels_for(metric::cosine).one(query.data(), other.data(), 2) == 25.0F);
  BOOST_TEST(kernels_for(metric::inner_product).one(query.data(), other.data(), 2) == 0.0F);
  BOOST_TEST(kernels_for(metric::inner_product).one(query.data(), query.data(), 2) == -5.0F);
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
      const auto score = score_of(metric::cosine, kernels_for(metric::cosine).one(a.data(), b.data(), 50));
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
