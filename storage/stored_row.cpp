#include "storage/stored_row.hpp"

#include "storage/checksum.hpp"
#include "storage/sqlite.hpp"

#include <bit>
#include <cstring>

namespace lodge::storage {

static_assert(std::endian::native == std::endian::little, "vectors are stored little-endian");

std::vector<float> stored_row::values() const {
  std::vector<float> copy(vector.size() / sizeof(float));
  std::memcpy(copy.data(), vector.data(), copy.size() * sizeof(float));
  return copy;
}

stored_row checked_row(const statement& row, std::size_t dimension) {
  stored_row read{row.number(0), row.text(2), row.text(3), row.integer(4) != 0, row.bytes(8), row.number(6)};
  auto expected = item_checksum({read.label, row.number(1), read.key, read.metadata, read.has_vector});
  if (read.died_at != 0)
    expected = dead_item_checksum(expected, read.died_at);
  const auto vector_is_right = [&] {
    if (!read.has_vector)
      return row.is_null(8);
    return read.vector.size() == dimension * sizeof(float)
           && vector_checksum(read.label, read.vector) == row.number(7);
  };
  if (expected != row.number(5) || !vector_is_right())
    throw failure{errc::corrupt, "the row of label " + std::to_string(read.label) + " does not match its checksum"};
  return read;
}

} // namespace lodge::storage
