#pragma once

#include "tests/support/file_shim.hpp"

#include <cstdint>
#include <filesystem>
#include <random>
#include <vector>

namespace lodge::test {

/// What of the writes that were not synced is on the disk after a power loss.
enum class survival : std::uint8_t { none, all, some };

/// Puts the files of a recording into a directory as they may be after a power loss behind the event `cut - 1`.
///
/// What a file's last sync covered is there. Of the writes and truncations after it each survives or not, a write
/// also in part, by sectors of 512 bytes; what was never written reads as zeros. A file that was made or removed is
/// there or not until its directory was synced.
void lay_out_after_power_loss(const std::vector<file_event>& events, std::size_t cut, survival how,
                              std::mt19937& random, const std::filesystem::path& directory);

} // namespace lodge::test
