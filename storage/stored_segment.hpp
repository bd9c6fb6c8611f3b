#pragma once

#include "storage/rows.hpp"

#include <cstdint>
#include <vector>

namespace lodge::storage {

class connection;

// What a segment is stored as: its labels, ascending, 8 bytes little-endian each; then FAISS's form of its graph.
// Both throw `failure` with errc::base_corrupt if a chunk is missing or does not match its checksum.

/// All bytes of a segment.
std::vector<std::uint8_t> read_segment(connection& on, collection_id collection, const segment_record& segment);

/// Its labels alone.
std::vector<std::uint64_t> read_segment_labels(connection& on, collection_id collection, const segment_record& segment);

} // namespace lodge::storage
