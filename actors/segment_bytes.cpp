#include "actors/segment_bytes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

namespace lodge {

static_assert(std::endian::native == std::endian::little, "labels are stored little-endian");

result<std::vector<std::uint8_t>> to_bytes(const index::row_pages& rows, const index::graph& graph) {
  auto links = graph.serialize();
  if (!links)
    return links.error();
  std::vector<std::uint8_t> bytes;
  bytes.reserve(rows.size() * sizeof(std::uint64_t) + links->size());
  for (const auto& page : rows.pages()) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(page.block->labels() + page.first);
    bytes.insert(bytes.end(), first, first + page.count * sizeof(std::uint64_t));
  }
  bytes.insert(bytes.end(), links->begin(), links->end());
  return bytes;
}

result<std::vector<std::uint64_t>> labels_of(const storage::segment_record& record,
                                             std::span<const std::uint8_t> bytes) {
  if (record.vectors > bytes.size() / sizeof(std::uint64_t))
    return error{errc::base_corrupt,
                 "segment " + std::to_string(record.id) + " is too short for its " + std::to_string(record.vectors)
                   + " labels"};
  std::vector<std::uint64_t> labels(record.vectors);
  if (!labels.empty())
    std::memcpy(labels.data(), bytes.data(), labels.size() * sizeof(std::uint64_t));
  if (std::ranges::adjacent_find(labels, std::greater_equal<>{}) != labels.end())
    return error{errc::base_corrupt, "the labels of segment " + std::to_string(record.id) + " do not ascend"};
  return labels;
}

result<void> check_coverage(std::span<const std::uint64_t> living, std::uint64_t covers,
                            std::vector<std::uint64_t> of_segments) {
  std::ranges::sort(of_segments);
  if (std::ranges::adjacent_find(of_segments) != of_segments.end())
    return error{errc::base_corrupt, "a row is in two segments of the base"};
  const auto covered = std::ranges::upper_bound(living, covers) - living.begin();
  if (!std::ranges::includes(of_segments, living.first(static_cast<std::size_t>(covered))))
    return error{errc::base_corrupt, "the base lacks a row that it is said to cover"};
  return {};
}

result<std::shared_ptr<const index::graph>> graph_of(const storage::segment_record& record,
                                                     std::span<const std::uint8_t> bytes) {
  return index::graph::parse(bytes.subspan(record.vectors * sizeof(std::uint64_t)), record.vectors);
}

} // namespace lodge
