#pragma once

#include <lodge/error.hpp>

#include "index/graph.hpp"
#include "index/row_pages.hpp"
#include "storage/rows.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace lodge {

// A segment as it is stored: its labels, ascending, 8 bytes little-endian each; then FAISS's form of the graph.

result<std::vector<std::uint8_t>> to_bytes(const index::row_pages& rows, const index::graph& graph);

/// errc::base_corrupt if they are not ascending or too few for what the record says.
result<std::vector<std::uint64_t>> labels_of(const storage::segment_record& record,
                                             std::span<const std::uint8_t> bytes);

/// Whether the segments of a base hold each row once, and each that lives and that the base covers; else
/// errc::base_corrupt.
///
/// @param living Ascending.
/// @param of_segments The labels of all segments.
result<void> check_coverage(std::span<const std::uint64_t> living, std::uint64_t covers,
                            std::vector<std::uint64_t> of_segments);

result<std::shared_ptr<const index::graph>> graph_of(const storage::segment_record& record,
                                                     std::span<const std::uint8_t> bytes);

} // namespace lodge
