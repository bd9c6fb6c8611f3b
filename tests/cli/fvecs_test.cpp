#include "cli/formats/fvecs.hpp"

#include "cli/formats/keyed.hpp"
#include "tests/cli/rows.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <limits>
#include <sstream>

using namespace lodge;
using namespace lodge::test;

namespace {

rows_read read(const std::string& bytes) {
  std::istringstream in{bytes};
  cli::fvecs_reader reader{in};
  return read_all(reader);
}

std::string row(const std::vector<float>& values) {
  std::ostringstream out;
  cli::write_vecs_row(out, values);
  return out.str();
}

rows_read read_with_keys(const std::string& bytes, const std::string& keys) {
  std::istringstream in{bytes};
  std::istringstream key_text{keys};
  cli::keys_from_lines reader{std::make_unique<cli::fvecs_reader>(in), key_text, "keys.txt"};
  return read_all(reader);
}

} // namespace

BOOST_AUTO_TEST_SUITE(fvecs)

BOOST_AUTO_TEST_CASE(rows_come_back_bit_for_bit) {
  const std::vector<float> odd{-0.0F, 1e-45F, std::numeric_limits<float>::max(),
                               std::numeric_limits<float>::quiet_NaN()};
  const auto seen = read(row({1, 2, 3, 4}) + row(odd));
  BOOST_TEST(seen.broken == "");
  BOOST_REQUIRE_EQUAL(seen.items.size(), 2U);
  for (std::size_t i = 0; i < odd.size(); ++i)
    BOOST_TEST(std::bit_cast<std::uint32_t>((*seen.items[1].vector)[i]) == std::bit_cast<std::uint32_t>(odd[i]));
}

BOOST_AUTO_TEST_CASE(an_empty_file_has_no_rows) {
  const auto seen = read("");
  BOOST_TEST(seen.items.empty());
  BOOST_TEST(seen.broken == "");
}

BOOST_AUTO_TEST_CASE(a_file_that_ends_within_a_row_is_broken_after_the_rows_before) {
  const auto whole = row({1, 2}) + row({3, 4});
  for (std::size_t cut = 1; cut < 12; ++cut) {
    const auto seen = read(whole.substr(0, whole.size() - cut));
    BOOST_TEST(seen.items.size() == 1U);
    BOOST_TEST(contains(seen.broken, "row 2: the row is cut short"), seen.broken);
  }
}

BOOST_AUTO_TEST_CASE(a_count_beyond_all_sense_takes_no_memory) {
  for (const std::int32_t count : {0, -1, 65'537, std::numeric_limits<std::int32_t>::max()})
    BOOST_TEST(contains(read(bytes_of(count)).broken, "got " + std::to_string(count)));
}

BOOST_AUTO_TEST_CASE(rows_of_another_length_than_the_first_are_named) {
  BOOST_TEST(read(row({1, 2}) + row({1, 2, 3})).broken == "row 2: got 3 values, row 1 has 2");
}

BOOST_AUTO_TEST_CASE(keys_may_have_a_byte_order_mark_and_windows_line_ends) {
  const auto seen = read_with_keys(row({1}) + row({2}),
                                   "\xef\xbb\xbf"
                                   "a\r\nb b\r\n");
  BOOST_REQUIRE_EQUAL(seen.items.size(), 2U);
  BOOST_TEST(seen.items[0].key == "a");
  BOOST_TEST(seen.items[1].key == "b b");
}

BOOST_AUTO_TEST_CASE(keys_and_vectors_of_other_numbers_are_refused) {
  BOOST_TEST(contains(read_with_keys(row({1}) + row({2}), "a\n").broken, "row 2: it has no key"));
  BOOST_TEST(contains(read_with_keys(row({1}), "a\nb\n").broken, "keys.txt has a key for it in line 2"));
}

BOOST_AUTO_TEST_CASE(numbers_can_be_the_keys) {
  std::istringstream in{row({1}) + row({2})};
  cli::keys_from_numbers reader{std::make_unique<cli::fvecs_reader>(in), 9};
  const auto seen = read_all(reader);
  BOOST_TEST(seen.items[0].key == "9");
  BOOST_TEST(seen.items[1].key == "10");
}

BOOST_AUTO_TEST_SUITE_END()
