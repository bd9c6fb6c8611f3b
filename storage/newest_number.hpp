#pragma once

#include <cstdint>

namespace lodge::storage {

class connection;
class statement;

/// The file's last number, and the last that its logs hold. They are one: each change is logged under its number, and
/// the logs are cut no further than a base's watermark, which is below that base's own entry.
inline constexpr const char* select_newest_number =
  "SELECT sequence, max(coalesce((SELECT max(number) FROM pending), 0),"
  " coalesce((SELECT max(number) FROM deletions), 0)) FROM file";

/// Of a statement of `select_newest_number`. Throws `failure` with errc::corrupt if the two differ: a number that is
/// too small would be given out again, and labels that leap would take memory.
std::uint64_t newest_number(statement& query);
std::uint64_t newest_number(connection& on);

} // namespace lodge::storage
