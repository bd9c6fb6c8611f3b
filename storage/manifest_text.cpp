#include "storage/manifest_text.hpp"

#include "storage/checksum.hpp"
#include "storage/sqlite.hpp"

#include <nlohmann/json.hpp>

namespace lodge::storage {

std::string to_text(const manifest& what) {
  auto segments = nlohmann::ordered_json::array();
  for (const auto& segment : what.segments)
    segments.push_back(
      {{"id", segment.id}, {"vectors", segment.vectors}, {"bytes", segment.bytes}, {"chunks", segment.chunks}});
  return nlohmann::ordered_json{{"version", what.version},
                                {"lineage", what.lineage},
                                {"watermark", what.watermark},
                                {"previous_watermark", what.previous_watermark},
                                {"segments", segments}}
    .dump();
}

failure as_base_damage(const failure& caught) {
  if (caught.reason.code != errc::corrupt)
    return caught;
  return {errc::base_corrupt, caught.reason.detail};
}

namespace {

/// A member that is a count or a number of a change.
std::uint64_t number_at(const nlohmann::json& json, const char* name) {
  const auto& value = json.at(name);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > INT64_MAX)
    throw failure{errc::base_corrupt, std::string{"the manifest has no number as its "} + name};
  return value.get<std::uint64_t>();
}

} // namespace

manifest from_text(std::string_view text) {
  try {
    const auto json = nlohmann::json::parse(text);
    manifest read{number_at(json, "version"),
                  number_at(json, "lineage"),
                  number_at(json, "watermark"),
                  number_at(json, "previous_watermark"),
                  {}};
    for (const auto& segment : json.at("segments"))
      read.segments.push_back({number_at(segment, "id"), number_at(segment, "vectors"), number_at(segment, "bytes"),
                               number_at(segment, "chunks")});
    if (read.version == 0 || read.previous_watermark > read.watermark)
      throw failure{errc::base_corrupt, "the numbers of the manifest contradict each other"};
    return read;
  } catch (const nlohmann::json::exception& caught) {
    throw failure{errc::base_corrupt, std::string{"the manifest cannot be read: "} + caught.what()};
  }
}

std::optional<manifest> read_manifest(connection& on, collection_id collection) {
  statement query{on, "SELECT manifest, checksum FROM bases WHERE collection = ?"};
  try {
    if (!query.with(collection).step())
      return std::nullopt;
  } catch (const failure& caught) {
    throw as_base_damage(caught);
  }
  const auto text = query.text(0);
  if (manifest_checksum(collection, text) != query.number(1))
    throw failure{errc::base_corrupt,
                  "the manifest of collection " + std::to_string(collection) + " does not match its checksum"};
  return from_text(text);
}

std::optional<manifest> read_manifest(connection& on, collection_id collection, std::uint64_t last_number) {
  auto read = read_manifest(on, collection);
  if (read && read->watermark > last_number)
    throw failure{errc::base_corrupt,
                  "the manifest covers change " + std::to_string(read->watermark) + ", the last is "
                    + std::to_string(last_number)};
  return read;
}

std::optional<manifest> read_sound_manifest(connection& on, collection_id collection, std::uint64_t last_number) {
  try {
    return read_manifest(on, collection, last_number);
  } catch (const failure& caught) {
    if (caught.reason.code != errc::base_corrupt)
      throw;
    return std::nullopt;
  }
}

} // namespace lodge::storage
