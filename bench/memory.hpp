#pragma once

#include <cstdint>

namespace lodge::bench {

/// Memory of this process, in KiB, as the kernel counts it.
std::uint64_t resident_kib();
/// The most that `resident_kib` has been since the last `forget_peak` (or the start).
std::uint64_t peak_kib();
void forget_peak();

} // namespace lodge::bench
