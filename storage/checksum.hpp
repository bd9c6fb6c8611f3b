#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace lodge::storage {

// All checksums are XXH3 (64 bits) with a seed that says which place the bytes belong to, so that
// bytes of another place do not pass. They are part of the format.

/// Of a row of `vectors`.
std::uint64_t vector_checksum(std::uint64_t label, std::span<const std::uint8_t> bytes);

/// The fields of a row of `items` that never change.
struct item_fields {
  std::uint64_t label = 0;
  std::uint64_t collection = 0;
  std::string_view key;
  std::string_view metadata;
  bool has_vector = false;
};

/// Of a living row of `items`.
std::uint64_t item_checksum(const item_fields& fields);

/// Of the same row once it died: made from the living row's checksum, which need not be computed anew.
std::uint64_t dead_item_checksum(std::uint64_t living, std::uint64_t died_at);

/// Of a row of `chunks`.
std::uint64_t chunk_checksum(std::uint64_t segment, std::uint64_t ordinal, std::span<const std::uint8_t> bytes);

/// Of a row of `bases`: over its text form.
std::uint64_t manifest_checksum(std::uint64_t collection, std::string_view text);

} // namespace lodge::storage
