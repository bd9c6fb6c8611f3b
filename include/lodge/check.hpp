#pragma once

#include <lodge/error.hpp>

#include <functional>
#include <string>

namespace lodge {

/// One thing that was verified.
struct finding {
  /// "rows of 'words'".
  std::string subject;
  /// "10,000 verified by their checksums", or what is wrong.
  std::string detail;
  bool sound = true;
};

/// Verifies all of a file that can be verified, without changing it: SQLite's own structure, counters, the checksum of
/// every row, logs, manifests, chunks and graphs. Calls `tell` for each thing as it is done.
///
/// @returns Whether everything is sound. Fails if the file cannot be opened at all.
result<bool> check(const std::string& path, const std::function<void(const finding&)>& tell);

} // namespace lodge
