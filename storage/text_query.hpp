#pragma once

#include <lodge/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace lodge::storage {

inline constexpr std::size_t longest_text_query = 65'536;
inline constexpr std::size_t most_query_words = 1'000;

/// What a person types, in SQLite's words: an expression of FTS5 that no input makes a wrong one.
///
/// Words stand between white space, `"new york"` is a phrase, and a `*` right after either takes the last word of it
/// for the beginning of one. Rows that have any of them match. All else that FTS5 has a meaning for is text.
///
/// Fails with errc::invalid_argument without a word, with more than 1,000, or beyond 65,536 bytes.
result<std::string> to_match_expression(std::string_view query);

} // namespace lodge::storage
