#include "storage/stored_segment.hpp"

#include "storage/checksum.hpp"
#include "storage/manifest_text.hpp"
#include "storage/sqlite.hpp"

#include <cstring>

namespace lodge::storage {

namespace {

/// Its first bytes, at least so many if it has them, by whole chunks.
std::vector<std::uint8_t> read_chunks(connection& on, collection_id collection, const segment_record& segment,
                                      std::uint64_t wanted) {
  statement query{on,
                  "SELECT ordinal, checksum, bytes FROM chunks"
                  " WHERE segment = ? AND collection = ? ORDER BY ordinal"};
  query.with(segment.id, collection);
  std::vector<std::uint8_t> bytes;
  std::uint64_t ordinal = 0;
  for (; bytes.size() < wanted && query.step(); ++ordinal) {
    const auto part = query.bytes(2);
    if (query.number(0) != ordinal || chunk_checksum(segment.id, ordinal, part) != query.number(1)
        || bytes.size() + part.size() > segment.bytes)
      throw failure{errc::base_corrupt,
                    "chunk " + std::to_string(ordinal) + " of segment " + std::to_string(segment.id)
                      + " does not match its checksum"};
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  if (bytes.size() < wanted)
    throw failure{errc::base_corrupt,
                  "segment " + std::to_string(segment.id) + " has " + std::to_string(ordinal) + " of "
                    + std::to_string(segment.chunks) + " chunks"};
  return bytes;
}

template <class Function>
auto as_damage_of_the_base(Function function) {
  try {
    return function();
  } catch (const failure& caught) {
    throw as_base_damage(caught);
  }
}

} // namespace

std::vector<std::uint8_t> read_segment(connection& on, collection_id collection, const segment_record& segment) {
  return as_damage_of_the_base([&] {
    auto bytes = read_chunks(on, collection, segment, segment.bytes);
    statement count{on, "SELECT count(*) FROM chunks WHERE segment = ? AND collection = ?"};
    count.with(segment.id, collection).step();
    if (count.number(0) != segment.chunks)
      throw failure{errc::base_corrupt,
                    "segment " + std::to_string(segment.id) + " has " + std::to_string(count.number(0)) + " of "
                      + std::to_string(segment.chunks) + " chunks"};
    return bytes;
  });
}

std::vector<std::uint64_t> read_segment_labels(connection& on, collection_id collection,
                                               const segment_record& segment) {
  return as_damage_of_the_base([&] {
    if (segment.vectors > segment.bytes / sizeof(std::uint64_t))
      throw failure{errc::base_corrupt, "segment " + std::to_string(segment.id) + " is too short for its labels"};
    std::vector<std::uint64_t> labels(segment.vectors);
    const auto bytes = read_chunks(on, collection, segment, labels.size() * sizeof(std::uint64_t));
    if (!labels.empty())
      std::memcpy(labels.data(), bytes.data(), labels.size() * sizeof(std::uint64_t));
    return labels;
  });
}

} // namespace lodge::storage
