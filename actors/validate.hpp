#pragma once

#include <lodge/error.hpp>
#include <lodge/messages.hpp>
#include <lodge/options.hpp>

#include <span>
#include <string_view>

/// What a caller may hand in: checked once, at the door, before anything is sent on.
namespace lodge {

inline constexpr std::size_t longest_key = 1'024;
inline constexpr std::size_t longest_name = 255;
inline constexpr std::uint32_t largest_dimension = 65'536;
inline constexpr std::uint64_t largest_page = 10'000;
/// Objects and arrays inside each other. SQLite's functions of JSON, which read it, take 1,000 in some versions.
inline constexpr std::size_t deepest_metadata = 200;

result<void> check_key(std::string_view key);
result<void> check_name(std::string_view name);
result<void> check_metadata(std::string_view metadata);
/// Dimension, finiteness, length (below 1e18, so that distances stay finite), and not zero under cosine.
result<void> check_vector(const collection_info& collection, std::span<const float> vector);

result<void> check(const collection_info& collection, const put_request& request);
/// @param queries `count` queries, one after the other.
result<void> check_search(const collection_info& collection, std::span<const float> queries, std::uint64_t count,
                          const search_options& options);
/// The same, and of a hybrid search the text and how it is fused.
result<void> check(const collection_info& collection, const search_request& request);
result<void> check(const collection_info& collection, const text_request& request);
result<void> check(const scan_request& request);
result<void> check(const remove_request& request);

/// errc::invalid_argument for a limit that lets nothing through, a time below 0, or more threads than are of use.
result<void> check_options(const database_options& options);

/// What a new collection gets, with the defaults filled in; errc::invalid_argument without a dimension.
result<collection_info> complete(const std::string& name, const collection_options& options);
/// errc::options_mismatch, naming both, unless the collection is what the options ask for.
result<void> check_options(const collection_info& collection, const collection_options& options);

/// What a request weighs against the limits.
std::uint64_t bytes_of(const put_request& request);

} // namespace lodge
