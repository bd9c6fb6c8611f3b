#pragma once

#include <cstdint>
#include <string>

/// Figures as people read them.
namespace lodge::cli {

/// "12,345"
std::string with_separators(std::uint64_t value);
/// "1 row", "12,345 rows"
std::string counted(std::uint64_t value, const std::string& one, const std::string& many);
/// "512 bytes", "3.2 KiB", "1.5 GiB"
std::string size_text(std::uint64_t bytes);
/// "0.45 s", "38 s", "2 min 5 s", "3 h 12 min"
std::string duration_text(double seconds);

} // namespace lodge::cli
