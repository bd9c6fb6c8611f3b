#include "index/kernels.hpp"
#include "index/vector_layout.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

using namespace lodge;
using namespace lodge::index;

namespace {

constexpr std::array forms{vector_form::float16, vector_form::int8};
constexpr std::array kinds{metric::l2, metric::inner_product};

using bytes = std::vector<std::byte>;

std::vector<float> random_values(std::size_t count, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> made(count);
  for (auto& value : made)
    value = normal(random);
  return made;
}

/// The distance that the index orders by, and what rounding errors are measured by.
struct truth {
  double distance = 0;
  double size = 0;
};

truth in_double(metric by, const std::vector<float>& a, const std::vector<float>& b) {
  truth made;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = double{a[i]};
    const auto y = double{b[i]};
    made.distance += by == metric::l2 ? (x - y) * (x - y) : -x * y;
    made.size += x * x + y * y;
  }
  return made;
}

/// With bytes behind it that must not count, and beginning anywhere.
struct stored {
  bytes memory;
  std::size_t offset = 0;

  stored(std::size_t size, std::size_t at) : memory(size + 64 + at, std::byte{0xff}), offset(at) {}
  void* place() { return memory.data() + offset; }
  const void* place() const { return memory.data() + offset; }
};

stored row_of(const kernels& of, const vector_layout& layout, const std::vector<float>& values, std::size_t at) {
  stored made{layout.row_bytes(), at};
  of.write_row(values, made.place());
  for (auto i = layout.row_bytes() + at; i < made.memory.size(); ++i)
    BOOST_REQUIRE((made.memory[i] == std::byte{0xff}));
  return made;
}

stored query_of(const kernels& of, const vector_layout& layout, const std::vector<float>& values) {
  stored made{layout.query_bytes(), 0};
  of.write_query(values, made.place());
  return made;
}

void check_dimension(vector_form form, metric by, std::size_t dimension, std::mt19937& random) {
  const vector_layout layout{dimension, form};
  const auto asked = random_values(dimension, random);
  std::vector<std::vector<float>> rows(4);
  for (auto& row : rows)
    row = random_values(dimension, random);
  for (const auto& [target, of] : kernels_of_all_targets(by, form))
    BOOST_TEST_CONTEXT(to_string(form) << ", " << to_string(by) << ", dimension " << dimension << ", " << target) {
      const auto query = query_of(of, layout, asked);
      std::vector<stored> places;
      for (std::size_t i = 0; i < rows.size(); ++i)
        places.push_back(row_of(of, layout, rows[i], i));
      std::array<const void*, 4> all{places[0].place(), places[1].place(), places[2].place(), places[3].place()};
      std::array<float, 4> four{};
      of.four(query.place(), all.data(), dimension, four.data());
      std::array<float, 8> pairs{};
      std::array<const void*, 2> queries{query.place(), query.place()};
      of.all({queries, all, dimension}, pairs.data());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto seen = of.one(query.place(), all[i], dimension);
        BOOST_TEST(seen == four[i]);
        BOOST_TEST(seen == pairs[i]);
        BOOST_TEST(seen == pairs[4 + i]);
        const auto [distance, size] = in_double(by, asked, rows[i]);
        const auto doubt = of.doubt == nullptr ? 2e-3F * static_cast<float>(size)
                                               : of.doubt(query.place(), all[i], dimension, seen, certainty::full);
        BOOST_TEST(std::abs(seen - distance) <= doubt);
        // A row as a query: as far from the row itself as can be.
        stored turned{layout.query_bytes(), 0};
        of.row_as_query(all[i], dimension, turned.place());
        const auto own = in_double(by, rows[i], rows[i]);
        BOOST_TEST(std::abs(of.one(turned.place(), all[i], dimension) - own.distance) <= 0.05 * own.size + 1e-6);
      }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(kernels_of_forms)

BOOST_AUTO_TEST_CASE(distances_are_within_their_doubt_of_double_precision_for_every_dimension) {
  std::mt19937 random{1};
  for (const auto form : forms)
    for (const auto by : kinds) {
      for (std::size_t dimension = 1; dimension <= 140; ++dimension)
        check_dimension(form, by, dimension, random);
      for (const std::size_t dimension : {255U, 256U, 257U, 768U, 1'999U, 2'000U})
        check_dimension(form, by, dimension, random);
    }
}

BOOST_AUTO_TEST_CASE(whole_numbers_do_not_overflow_at_the_largest_dimension) {
  std::mt19937 random{2};
  constexpr std::size_t dimension = 65'536;
  for (const auto by : kinds) {
    check_dimension(vector_form::int8, by, dimension, random);
    const vector_layout layout{dimension, vector_form::int8};
    const std::vector<float> ones(dimension, 1);
    const auto of = kernels_for(by, vector_form::int8);
    const auto query = query_of(of, layout, ones);
    const auto row = row_of(of, layout, ones, 0);
    const auto seen = of.one(query.place(), row.place(), dimension);
    const auto doubt = of.doubt(query.place(), row.place(), dimension, seen, certainty::full);
    BOOST_TEST(std::abs(seen - in_double(by, ones, ones).distance) <= doubt);
  }
}

BOOST_AUTO_TEST_CASE(a_likely_doubt_is_far_smaller_and_hardly_ever_wrong) {
  std::mt19937 random{3};
  constexpr std::size_t dimension = 100;
  const vector_layout layout{dimension, vector_form::int8};
  for (const auto by : kinds) {
    const auto of = kernels_for(by, vector_form::int8);
    const auto asked = random_values(dimension, random);
    const auto query = query_of(of, layout, asked);
    std::size_t wrong = 0;
    for (int i = 0; i < 5'000; ++i) {
      const auto values = random_values(dimension, random);
      const auto row = row_of(of, layout, values, 0);
      const auto seen = of.one(query.place(), row.place(), dimension);
      const auto likely = of.doubt(query.place(), row.place(), dimension, seen, certainty::likely);
      BOOST_REQUIRE(likely < of.doubt(query.place(), row.place(), dimension, seen, certainty::full) / 2);
      wrong += std::abs(seen - in_double(by, asked, values).distance) > likely ? 1 : 0;
    }
    BOOST_TEST(wrong <= 25U, to_string(by) << ": " << wrong);
  }
}

BOOST_AUTO_TEST_CASE(zero_tiny_and_huge_vectors_have_distances) {
  constexpr std::size_t dimension = 20;
  const vector_layout layout{dimension, vector_form::int8};
  for (const auto by : kinds) {
    const auto of = kernels_for(by, vector_form::int8);
    for (const auto a : {0.0F, 1e-38F, 1e-20F, 1e-3F, 1.0F, 1e17F})
      for (const auto b : {0.0F, 1e-38F, 1e-20F, 1e-3F, 1.0F, 1e17F}) {
        const std::vector<float> asked(dimension, a);
        const std::vector<float> values(dimension, -b);
        const auto query = query_of(of, layout, asked);
        const auto row = row_of(of, layout, values, 0);
        const auto seen = of.one(query.place(), row.place(), dimension);
        const auto doubt = of.doubt(query.place(), row.place(), dimension, seen, certainty::full);
        BOOST_TEST(std::abs(seen - in_double(by, asked, values).distance) <= doubt, a << " and " << b);
      }
  }
}

BOOST_AUTO_TEST_CASE(a_row_is_as_large_as_its_layout_says) {
  BOOST_TEST((vector_layout{100}.row_bytes()) == 400U);
  BOOST_TEST((vector_layout{100, vector_form::float16}.row_bytes()) == 200U);
  BOOST_TEST((vector_layout{100, vector_form::int8}.row_bytes()) == 102U);
}

BOOST_AUTO_TEST_SUITE_END()
