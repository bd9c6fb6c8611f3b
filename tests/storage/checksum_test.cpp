#include "storage/checksum.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

using namespace lodge::storage;

namespace {
const std::vector<std::uint8_t> bytes{0, 0, 128, 63, 0, 0, 0, 64};
}

BOOST_AUTO_TEST_SUITE(checksums)

BOOST_AUTO_TEST_CASE(the_same_bytes_in_another_place_have_another_checksum) {
  const auto text = std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  const std::set<std::uint64_t> sums{vector_checksum(1, bytes),
                                     vector_checksum(2, bytes),
                                     chunk_checksum(1, 0, bytes),
                                     chunk_checksum(0, 1, bytes),
                                     chunk_checksum(1, 1, bytes),
                                     manifest_checksum(1, text),
                                     manifest_checksum(2, text),
                                     item_checksum({1, 1, text, "", false}),
                                     item_checksum({2, 1, text, "", false}),
                                     item_checksum({1, 2, text, "", false})};
  BOOST_TEST(sums.size() == 10U);
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_changes_the_checksum) {
  const auto vector = vector_checksum(7, bytes);
  const auto chunk = chunk_checksum(7, 3, bytes);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    BOOST_TEST(vector_checksum(7, flipped) != vector);
    BOOST_TEST(chunk_checksum(7, 3, flipped) != chunk);
  }
}

BOOST_AUTO_TEST_CASE(an_items_checksum_covers_each_field_and_where_one_ends) {
  const std::set<std::uint64_t> sums{item_checksum({1, 2, "ab", "c", true}), item_checksum({1, 2, "ab", "c", false}),
                                     item_checksum({1, 2, "a", "bc", true}), item_checksum({1, 2, "abc", "", true}),
                                     item_checksum({1, 2, "", "abc", true}), item_checksum({2, 1, "ab", "c", true}),
                                     item_checksum({1, 2, "ab", "", true}),  item_checksum({1, 2, "ab", "d", true})};
  BOOST_TEST(sums.size() == 8U);
}

BOOST_AUTO_TEST_CASE(a_dead_items_checksum_says_when_it_died) {
  const auto living = item_checksum({1, 2, "key", "", true});
  const std::set<std::uint64_t> sums{living, dead_item_checksum(living, 1), dead_item_checksum(living, 2),
                                     dead_item_checksum(living + 1, 2)};
  BOOST_TEST(sums.size() == 4U);
}

BOOST_AUTO_TEST_CASE(no_bytes_have_checksums_of_their_places_too) {
  BOOST_TEST(vector_checksum(1, {}) != vector_checksum(2, {}));
  BOOST_TEST(manifest_checksum(1, "") != manifest_checksum(2, ""));
}

BOOST_AUTO_TEST_SUITE_END()
