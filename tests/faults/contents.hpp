#pragma once

#include "storage/reader.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lodge::test {

/// What a file holds, as far as users see it: kept by a script beside the file, or read from one.
struct contents {
  struct row {
    std::optional<std::vector<float>> vector;
    std::string metadata;
    friend bool operator==(const row&, const row&) = default;
  };
  struct collection {
    std::map<std::string, row> rows;
    /// Of the published base; 0 for none.
    std::uint64_t base_version = 0;
    friend bool operator==(const collection&, const collection&) = default;
  };
  std::map<std::string, collection> collections;
  friend bool operator==(const contents&, const contents&) = default;
};

/// Reads everything, the bases' segments too.
result<contents> read_contents(const std::string& path, storage::reader& from);

/// Counts, for a failure's message.
std::string summary(const contents& what);

/// What `check_rows` says is wrong; empty if nothing is.
std::string complaints(const std::string& path);

} // namespace lodge::test
