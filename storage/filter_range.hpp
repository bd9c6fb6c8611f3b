#pragma once

#include <cstdint>
#include <limits>

namespace lodge::storage {

/// Which rows of a collection are looked at.
struct filter_range {
  /// Those with a larger label; 0 for all.
  std::uint64_t after = 0;
  /// Those that live, or died after this number.
  std::uint64_t as_of = 0;
};

/// All that live in the newest state.
inline constexpr filter_range living_rows{0, std::numeric_limits<std::int64_t>::max()};

} // namespace lodge::storage
