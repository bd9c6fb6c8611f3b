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

failure mismatch(std::uint64_t label, const std::string& what) {
  return {errc::corrupt, "the row of label " + std::to_string(label) + " does not match its checksum: " + what};
}

bool is_sound(std::uint64_t label, const stored_vector& vector, std::size_t dimension) {
  return vector.bytes.size() == dimension * sizeof(float) && vector_checksum(label, vector.bytes) == vector.checksum;
}

} // namespace

stored_row checked_item(const statement& row) {
  const auto key_is_text = row.is_text(2);
  stored_row read{row.number(0), row.number(1), row.text(2), row.text(3), row.integer(4) != 0, {}, row.number(6)};
  auto expected = item_checksum({read.label, read.collection, read.key, read.metadata, read.has_vector});
  if (read.died_at != 0)
    expected = dead_item_checksum(expected, read.died_at);
  if (expected != row.number(5) || !key_is_text)
    throw mismatch(read.label, "its key may be '" + std::string{read.key} + "'");
  return read;
}

failure vector_damage(const stored_row& item) {
  return mismatch(item.label,
                  "the vector of '" + std::string{item.key}
                    + "' is damaged; putting the key anew, or removing it, mends it");
}

std::span<const std::uint8_t> checked_vector(const stored_row& item, const stored_vector& vector,
                                             std::size_t dimension) {
  if (!is_sound(item.label, vector, dimension))
    throw vector_damage(item);
  return vector.bytes;
}

std::span<const std::uint8_t> checked_vector(std::uint64_t label, const stored_vector& vector, std::size_t dimension) {
  if (!is_sound(label, vector, dimension))
    throw mismatch(label, "its vector is damaged; putting its key anew, or removing it, mends it");
  return vector.bytes;
}

stored_row checked_row(const statement& row, std::size_t dimension) {
  auto read = checked_item(row);
  if (read.has_vector)
    read.vector = checked_vector(read, {row.number(7), row.bytes(8)}, dimension);
  else if (!row.is_null(8))
    throw vector_damage(read);
  return read;
}

} // namespace lodge::storage
