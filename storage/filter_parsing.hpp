#pragma once

#include "storage/filter_tree.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace lodge::storage {

/// The JSON of a filter, within its limits, no member twice. Throws `failure` with errc::invalid_filter.
nlohmann::json parse_filter_text(std::string_view text);

/// What a filter comes to. Throws `failure` with errc::invalid_filter.
filter_node parse_filter(const nlohmann::json& from);

} // namespace lodge::storage
