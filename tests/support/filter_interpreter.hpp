#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace lodge::test {

/// Whether metadata matches a filter that is well-formed, by the words of the language alone: written apart from the
/// engine, and slow.
///
/// @param metadata JSON text, or empty.
bool filter_matches(const nlohmann::json& filter, const std::string& metadata);

} // namespace lodge::test
