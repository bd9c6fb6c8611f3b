#include "index/row_pages.hpp"

#include "tests/index/rows.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace lodge::index;
using namespace lodge::test;

namespace {

constexpr std::size_t dimension = 65'536;

/// Rows of 256 KiB, so that a page has 16: row i has the label 3 i + 1 and begins with i.
void append(row_pages_writer& to, std::size_t first, std::size_t end) {
  for (auto row = first; row < end; ++row) {
    values_of(to.next_vector())[0] = static_cast<float>(row);
    to.append_filled(3 * row + 1, "key" + std::to_string(row));
  }
}

bool is_row(const row_pages& rows, std::size_t row) {
  return values_of(rows.vector(row))[0] == static_cast<float>(row) && rows.label(row) == 3 * row + 1
    && rows.key(row) == "key" + std::to_string(row);
}

std::size_t right_rows(const row_pages& rows) {
  std::size_t right = 0;
  for (std::size_t row = 0; row < rows.size(); ++row)
    right += is_row(rows, row) ? 1 : 0;
  return right;
}

} // namespace

BOOST_AUTO_TEST_SUITE(pages_of_rows)

BOOST_AUTO_TEST_CASE(a_page_has_about_2_mebibytes_of_vectors_in_a_power_of_two_of_rows) {
  BOOST_TEST(row_pages_writer::rows_a_page({1}) == 4'096U);
  BOOST_TEST(row_pages_writer::rows_a_page({100}) == 4'096U);
  BOOST_TEST(row_pages_writer::rows_a_page({128}) == 4'096U);
  BOOST_TEST(row_pages_writer::rows_a_page({129}) == 2'048U);
  BOOST_TEST(row_pages_writer::rows_a_page({768}) == 512U);
  BOOST_TEST(row_pages_writer::rows_a_page({dimension}) == 16U);
}

BOOST_AUTO_TEST_CASE(rows_are_found_by_place_and_by_label_at_every_length) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 32U, 50U}) {
    row_pages_writer writer{{dimension}, size};
    append(writer, 0, size);
    const auto rows = writer.take();
    BOOST_TEST_CONTEXT(size << " rows") {
      BOOST_TEST(rows->size() == size);
      BOOST_TEST(rows->pages().size() == (size + 15) / 16);
      BOOST_TEST(right_rows(*rows) == size);
      for (std::uint64_t label = 0; label <= 3 * size + 3; ++label) {
        const auto expected = std::min((label + 1) / 3, std::uint64_t{size});
        BOOST_TEST(rows->lower_bound(label) == expected);
        BOOST_TEST(rows->contains(label) == (label % 3 == 1 && label / 3 < size));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_grows_shares_its_full_pages_and_leaves_the_former_rows_as_they_were) {
  row_pages_writer first{{dimension}, 40};
  append(first, 0, 40);
  const auto before = first.take();
  row_pages_writer second{*before, 60};
  BOOST_TEST(second.size() == 40U);
  append(second, 40, 60);
  const auto after = second.take();
  BOOST_TEST(before->size() == 40U);
  BOOST_TEST(right_rows(*before) == 40U);
  BOOST_TEST(after->size() == 60U);
  BOOST_TEST(right_rows(*after) == 60U);
  for (const std::size_t row : {0U, 15U, 16U, 31U})
    BOOST_TEST(before->vector(row) == after->vector(row));
  BOOST_TEST(before->vector(32) != after->vector(32));
}

BOOST_AUTO_TEST_CASE(a_range_of_a_block_serves_as_the_only_page) {
  auto block = std::make_shared<row_block>(vector_layout{1}, 10);
  for (std::size_t row = 0; row < 10; ++row)
    block->append(row + 1, "k", row_of({static_cast<float>(row)}));
  const row_pages rows{{{block, 2, 7}}};
  BOOST_TEST(rows.size() == 7U);
  BOOST_TEST(rows.label(0) == 3U);
  BOOST_TEST(*values_of(rows.vector(6)) == 8);
  BOOST_TEST(rows.lower_bound(1) == 0U);
  BOOST_TEST(rows.lower_bound(9) == 6U);
  BOOST_TEST(!rows.contains(10));
  BOOST_TEST(!rows.contains(2));
}

BOOST_AUTO_TEST_SUITE_END()
