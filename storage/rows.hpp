#pragma once

#include <lodge/options.hpp>
#include <lodge/types.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lodge::storage {

using collection_id = std::uint64_t;

/// A row of `collections`.
struct collection_row {
  collection_id id = 0;
  collection_info info;
  /// Sequence numbers; `dropped_at` is 0 while it lives.
  std::uint64_t created_at = 0;
  std::uint64_t dropped_at = 0;
  /// Log entries of this collection up to here are gone.
  std::uint64_t dropped_up_to = 0;
};

/// A row with a vector as a long read gives it; valid during the call.
struct row_seen {
  std::uint64_t label = 0;
  std::string_view key;
  /// The vector's bytes: little-endian float32.
  std::span<const std::uint8_t> vector;
  /// 0 while it lives.
  std::uint64_t died_at = 0;
};

/// What an entry of the pending log tells. Values are part of the format.
enum class entry_kind : std::uint8_t {
  /// A row that replaces the key's former one, with a vector.
  put = 1,
  /// The same without a vector.
  put_without_vector = 2,
  /// A base was published.
  base = 3,
  create = 4,
  drop = 5,
  /// Only in the merged log: a row died and none took its place.
  remove = 6,
};

/// One change, both logs merged by number.
struct log_entry {
  std::uint64_t number = 0;
  storage::collection_id collection = 0;
  entry_kind kind = entry_kind::put;
  /// The row that died by this change; 0 for none.
  std::uint64_t died = 0;
  /// Of a put: the row's label is `number`.
  std::string key = {};
  std::vector<float> vector = {};
};

/// A segment as the manifest names it.
struct segment_record {
  std::uint64_t id = 0;
  std::uint64_t vectors = 0;
  std::uint64_t bytes = 0;
  std::uint64_t chunks = 0;

  friend bool operator==(const segment_record&, const segment_record&) = default;
};

/// The one row that says what the base of a collection is.
struct manifest {
  /// Counts the publishings of this collection, from 1.
  std::uint64_t version = 0;
  /// The version whose segments this one grew from; its own after a whole rebuild.
  std::uint64_t lineage = 0;
  /// The base holds every row that lives at this number; others in it died before.
  std::uint64_t watermark = 0;
  std::uint64_t previous_watermark = 0;
  std::vector<segment_record> segments;
};

/// A part of a segment's bytes, of about 1 MiB.
struct chunk {
  storage::collection_id collection = 0;
  std::uint64_t segment = 0;
  std::uint64_t ordinal = 0;
  std::vector<std::uint8_t> bytes;
};

} // namespace lodge::storage
