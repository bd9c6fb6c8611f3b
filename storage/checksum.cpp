#include "storage/checksum.hpp"

#include <xxhash.h>

#include <array>

namespace lodge::storage {

namespace {

// Which table a checksum belongs to.
enum class place : std::uint64_t { item = 1, vector = 2, chunk = 3, manifest = 4, death = 5 };

std::uint64_t seed(place table, std::uint64_t first, std::uint64_t second = 0) {
  const std::array<std::uint64_t, 3> words{static_cast<std::uint64_t>(table), first, second};
  return XXH3_64bits(words.data(), sizeof words);
}

} // namespace

std::uint64_t vector_checksum(std::uint64_t label, std::span<const std::uint8_t> bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed(place::vector, label));
}

std::uint64_t item_checksum(const item_fields& fields) {
  const auto of_key =
    XXH3_64bits_withSeed(fields.key.data(), fields.key.size(), seed(place::item, fields.label, fields.collection));
  return XXH3_64bits_withSeed(fields.metadata.data(), fields.metadata.size(), of_key + (fields.has_vector ? 1 : 0));
}

std::uint64_t dead_item_checksum(std::uint64_t living, std::uint64_t died_at) {
  return living ^ seed(place::death, died_at);
}

std::uint64_t chunk_checksum(std::uint64_t segment, std::uint64_t ordinal, std::span<const std::uint8_t> bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed(place::chunk, segment, ordinal));
}

std::uint64_t manifest_checksum(std::uint64_t collection, std::string_view text) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed(place::manifest, collection));
}

} // namespace lodge::storage
