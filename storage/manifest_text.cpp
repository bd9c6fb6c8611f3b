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

std::optional<manifest> read_manifest(connection& on, collection_id collection) {
  statement query{on, "SELECT manifest, checksum FROM bases WHERE collection = ?"};
  if (!query.with(collection).step())
    return std::nullopt;
  const auto text = query.text(0);
  if (manifest_checksum(collection, text) != query.number(1))
    throw failure{errc::base_corrupt,
                  "the manifest of collection " + std::to_string(collection) + " does not match its checksum"};
  try {
    const auto json = nlohmann::json::parse(text);
    manifest read{json.at("version"), json.at("lineage"), json.at("watermark"), json.at("previous_watermark"), {}};
    for (const auto& segment : json.at("segments"))
      read.segments.push_back({segment.at("id"), segment.at("vectors"), segment.at("bytes"), segment.at("chunks")});
    return read;
  } catch (const nlohmann::json::exception& caught) {
    throw failure{errc::base_corrupt, std::string{"the manifest cannot be read: "} + caught.what()};
  }
}

} // namespace lodge::storage
