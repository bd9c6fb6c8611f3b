#include "index/row_block.hpp"

#include "tests/index/rows.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using lodge::index::row_block;
using namespace lodge::test;

namespace {

std::string key_of(std::size_t row, std::size_t length) {
  std::string key(length, static_cast<char>('a' + row % 26));
  key.front() = static_cast<char>('A' + row % 26);
  return key;
}

std::vector<float> vector_of(std::size_t row, std::size_t dimension) {
  std::vector<float> made(dimension);
  for (std::size_t i = 0; i < dimension; ++i)
    made[i] = static_cast<float>(row * 1'000 + i);
  return made;
}

bool holds(const row_block& block, std::size_t row, std::size_t key_length) {
  const auto expected = vector_of(row, block.layout().dimension);
  return block.label(row) == 10 + 3 * row && block.key(row) == key_of(row, key_length)
    && std::equal(expected.begin(), expected.end(), values_of(block.vector(row)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(row_blocks)

BOOST_AUTO_TEST_CASE(keys_of_every_length_come_back_with_their_rows) {
  constexpr std::size_t rows = 1'100;
  row_block block{{3}, rows};
  // Over a page of keys, over many pages, and keys longer than a page, between short ones.
  const auto length = [](std::size_t row) { return row % 100 == 99 ? 70'000 + row : row + 1; };
  for (std::size_t row = 0; row < rows; ++row)
    block.append(10 + 3 * row, key_of(row, length(row)), row_of(vector_of(row, 3)));
  BOOST_TEST(block.full());
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < rows; ++row)
    wrong += holds(block, row, length(row)) ? 0 : 1;
  BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_CASE(a_block_of_few_rows_takes_long_keys) {
  row_block block{{1}, 2};
  block.append(10, key_of(0, 1'024), row_of(vector_of(0, 1)));
  block.append(13, key_of(1, 1'024), row_of(vector_of(1, 1)));
  BOOST_TEST(holds(block, 0, 1'024));
  BOOST_TEST(holds(block, 1, 1'024));
}

BOOST_AUTO_TEST_CASE(a_vector_filled_in_place_becomes_a_row) {
  row_block block{{2}, 4};
  BOOST_TEST(block.next_vector().size() == 8U);
  values_of(block.next_vector())[0] = 5;
  values_of(block.next_vector())[1] = 6;
  BOOST_TEST(block.size() == 0U);
  block.append_filled(7, "key");
  BOOST_TEST(block.size() == 1U);
  BOOST_TEST(values_of(block.vector(0))[0] == 5.0F);
  BOOST_TEST(values_of(block.vector(0))[1] == 6.0F);
  BOOST_TEST(block.label(0) == 7U);
  BOOST_TEST(!block.full());
}

BOOST_AUTO_TEST_CASE(rows_never_move) {
  row_block block{{8}, 2'000};
  block.append(10, key_of(0, 20), row_of(vector_of(0, 8)));
  const auto* vector = block.vector(0);
  const auto key = block.key(0);
  for (std::size_t row = 1; row < 2'000; ++row)
    block.append(10 + 3 * row, key_of(row, 200), row_of(vector_of(row, 8)));
  BOOST_TEST(block.vector(0) == vector);
  BOOST_TEST(block.key(0).data() == key.data());
  BOOST_TEST(key == key_of(0, 20));
}

BOOST_AUTO_TEST_CASE(the_lower_bound_of_a_label_looks_at_the_first_rows_only) {
  row_block block{{1}, 5};
  for (const std::uint64_t label : {10U, 20U, 30U, 40U})
    block.append(label, "key", row_of(vector_of(0, 1)));
  BOOST_TEST(block.lower_bound(0, 4) == 0U);
  BOOST_TEST(block.lower_bound(10, 4) == 0U);
  BOOST_TEST(block.lower_bound(11, 4) == 1U);
  BOOST_TEST(block.lower_bound(40, 4) == 3U);
  BOOST_TEST(block.lower_bound(41, 4) == 4U);
  BOOST_TEST(block.lower_bound(40, 2) == 2U);
  BOOST_TEST(block.lower_bound(5, 0) == 0U);
}

BOOST_AUTO_TEST_CASE(rows_below_a_count_are_read_while_the_owner_appends) {
  constexpr std::size_t rows = 20'000;
  row_block block{{4}, rows};
  // Stands for the message that tells a reader the count.
  std::atomic<std::size_t> told{0};
  std::size_t wrong = 0;
  std::thread reader{[&] {
    for (std::size_t next = 0; next < rows;)
      for (const auto count = told.load(std::memory_order_acquire); next < count; ++next)
        wrong += holds(block, next, 1 + next % 50) && block.lower_bound(block.label(next), count) == next ? 0 : 1;
  }};
  for (std::size_t row = 0; row < rows; ++row) {
    block.append(10 + 3 * row, key_of(row, 1 + row % 50), row_of(vector_of(row, 4)));
    if (row % 7 == 0 || block.full())
      told.store(block.size(), std::memory_order_release);
  }
  reader.join();
  BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
