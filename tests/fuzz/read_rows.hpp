#pragma once

#include "cli/formats/row_reader.hpp"
#include "tests/fuzz/target.hpp"

namespace lodge::fuzz {

/// Reads to the end, or to where the reader cannot go on, and calls `each` with every row. A reader gets on with each
/// call, and says why it refuses a row.
template <class Each>
void read_rows(cli::row_reader& reader, std::size_t size, Each each) {
  for (std::size_t calls = 0;; ++calls) {
    require(calls <= size + 1, "a reader has no more rows than its source has bytes");
    item row;
    const auto read = reader.next(row);
    if (read.what == cli::met::end)
      return;
    if (read.what == cli::met::row)
      each(row);
    else
      require(read.failure.code != errc::none && !read.failure.detail.empty(), "a refusal has a reason");
    if (read.what == cli::met::broken)
      return;
  }
}

inline void require_sizes(const item& row) {
  require(!row.vector || row.vector->size() <= cli::largest_dimension, "a vector is not larger than any may be");
}

} // namespace lodge::fuzz
