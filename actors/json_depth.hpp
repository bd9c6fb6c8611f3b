#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lodge {

/// How deep objects and arrays lie inside each other in a JSON text; 0 for a single value.
///
/// @returns None if it is no JSON text, or has what not all readers of JSON let pass: a byte order mark, a zero byte.
std::optional<std::size_t> json_depth(std::string_view text);

} // namespace lodge
