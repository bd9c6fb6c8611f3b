#include "actors/segment_writing.hpp"

#include "actors/segment_bytes.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace lodge {

namespace {
constexpr std::size_t chunk_bytes = 1 << 20;
}

segment_writing::segment_writing(storage::collection_id collection, index::grown_segments what,
                                 const std::vector<storage::segment_record>& stored)
  : collection_(collection), what_(std::move(what)) {
  for (const auto& part : what_.segments) {
    const auto present = std::ranges::find(stored, part.rows.id, &storage::segment_record::id);
    records_.push_back(present != stored.end() ? *present : storage::segment_record{});
  }
}

result<bool> segment_writing::next_segment() {
  const auto record = std::ranges::find(records_, 0U, &storage::segment_record::id);
  if (record == records_.end())
    return false;
  place_ = static_cast<std::size_t>(record - records_.begin());
  const auto& segment = what_.segments[place_].rows;
  auto bytes = to_bytes(*segment.rows, *segment.graph);
  if (!bytes)
    return bytes.error();
  bytes_ = *std::move(bytes);
  chunks_taken_ = 0;
  *record = {0, segment.rows->size(), bytes_.size(), (bytes_.size() + chunk_bytes - 1) / chunk_bytes};
  return true;
}

void segment_writing::name(std::uint64_t id) {
  what_.segments[place_].rows.id = id;
  records_[place_].id = id;
}

std::optional<storage::chunk> segment_writing::next_chunk() {
  const auto left = std::span{std::as_const(bytes_)}.subspan(std::min(chunks_taken_ * chunk_bytes, bytes_.size()));
  if (left.empty())
    return std::nullopt;
  const auto part = left.first(std::min(left.size(), chunk_bytes));
  return storage::chunk{collection_, records_[place_].id, chunks_taken_++, {part.begin(), part.end()}};
}

index::grown_segments segment_writing::published(std::uint64_t version) {
  what_.base = version;
  return std::move(what_);
}

} // namespace lodge
