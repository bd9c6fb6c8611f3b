#pragma once

#include "storage/rows.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace lodge::storage {

class connection;

/// The JSON text of a row of `bases`.
std::string to_text(const manifest& what);

/// The present manifest of a collection; none if there is no base. Throws `failure` with errc::base_corrupt if its
/// checksum or form is wrong.
std::optional<manifest> read_manifest(connection& on, collection_id collection);

} // namespace lodge::storage
