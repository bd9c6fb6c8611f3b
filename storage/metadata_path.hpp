#pragma once

#include <lodge/error.hpp>

#include <string>
#include <string_view>

namespace lodge::storage {

/// Whether a text names a place in metadata: "year", "author.name". Names of members, UTF-8, between dots; none is
/// empty or has a quote, a backslash or a control character, up to 256 bytes in all.
///
/// A member whose name has a dot itself cannot be named, nor an element of an array.
result<void> check_path(std::string_view path);

/// The same place in SQLite's words: $."author"."name".
std::string json_path(std::string_view path);
/// The same as an SQL literal: '$."author"."name"'.
std::string sql_path(std::string_view path);

} // namespace lodge::storage
