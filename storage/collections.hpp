#pragma once

#include "storage/rows.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace lodge::storage {

class connection;

// Rows of `collections` that live. All throw `failure`.

std::vector<collection_row> list_collections(connection& on);
std::optional<collection_row> find_collection(connection& on, std::string_view name);
/// errc::collection_dropped if it lives no more.
collection_row require_collection(connection& on, collection_id id);

} // namespace lodge::storage
