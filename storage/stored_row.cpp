#include "storage/stored_row.hpp"

#include "storage/checksum.hpp"
#include "storage/sqlite.hpp"

#include <bit>
#include <cstring>
#include <string>

namespace lodge::storage {

static_assert(std::endian::native == std::endian::little, "vectors are stored little-endian");

std::vector<float> stored_row::values() const {
  std::vector<float> copy(vector.size() / sizeof(float));
  std::memcpy(copy.data(), vector.data(), copy.size() * sizeof(float));
  return copy;
}

namespace {

[[noreturn]] void mismatch(std::uint64_t label, const std::string& what) {
  throw failure{errc::corrupt, "the row of label " + std::to_string(label) + " does not match its checksum: " + what};
}

} // namespace

stored_row checked_item(const statement& row) {
  const auto key_is_text = row.is_text(2);
  stored_row read{row.number(0), row.number(1), row.text(2), row.text(3), row.integer(4) != 0, {}, row.number(6)};
  auto expected = item_checksum({read.label, read.collection, read.key, read.metadata, read.has_vector});
  if (read.died_at != 0)
    expected = dead_item_checksum(expected, read.died_at);
  if (expected != row.number(5) || !key_is_text)
    mismatch(read.label, "its key may be '" + std::string{read.key} + "'");
  return read;
}

stored_row checked_row(const statement& row, std::size_t dimension) {
  auto read = checked_item(row);
  read.vector = row.bytes(8);
  const auto vector_is_right = read.has_vector
    ? read.vector.size() == dimension * sizeof(float) && vector_checksum(read.label, read.vector) == row.number(7)
    : row.is_null(8);
  if (!vector_is_right)
    mismatch(read.label,
             "the vector of '" + std::string{read.key}
               + "' is damaged; putting the key anew, or removing it, mends it");
  return read;
}

} // namespace lodge::storage
