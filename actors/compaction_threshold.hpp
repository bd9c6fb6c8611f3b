#pragma once

#include <lodge/options.hpp>

#include "storage/reader.hpp"

#include <algorithm>

namespace lodge {

/// Whether so much has changed since the base that the next one is to be published.
inline bool reaches(const storage::base_distance& distance, const auto_compaction& threshold) {
  return threshold.changes > 0
    && distance.changes >= std::max(threshold.changes, distance.vectors * threshold.percent / 100);
}

/// What is enough when nothing else is to be done.
constexpr auto_compaction idle_threshold{1'000, 2};

} // namespace lodge
