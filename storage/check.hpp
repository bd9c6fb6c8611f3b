#pragma once

#include <lodge/check.hpp>

#include <functional>
#include <string>

namespace lodge::storage {

/// Verifies SQLite's structure, the counters, rows and logs of a file, of one snapshot.
result<void> check_rows(const std::string& path, const std::function<void(const finding&)>& tell);

} // namespace lodge::storage
