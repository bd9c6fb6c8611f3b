#pragma once

#include "storage/rows.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace lodge::storage {

class connection;
struct failure;

/// The JSON text of a row of `bases`.
std::string to_text(const manifest& what);

/// What `to_text` made. Throws `failure` with errc::base_corrupt for any other text.
manifest from_text(std::string_view text);

/// What was met while a part of a base was read: pages that SQLite itself cannot read are the base's damage too, since
/// the rows are elsewhere.
failure as_base_damage(const failure& caught);

/// The present manifest of a collection; none if there is no base. Throws `failure` with errc::base_corrupt if its
/// checksum or form is wrong.
std::optional<manifest> read_manifest(connection& on, collection_id collection);
/// The same, which also refuses one that covers changes beyond the file's last.
std::optional<manifest> read_manifest(connection& on, collection_id collection, std::uint64_t last_number);
/// The same; none also if it is damaged, since the next may replace it.
std::optional<manifest> read_sound_manifest(connection& on, collection_id collection, std::uint64_t last_number);

} // namespace lodge::storage
