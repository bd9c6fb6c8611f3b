#pragma once

#include <lodge/error.hpp>
#include <lodge/types.hpp>

#include <cstdint>
#include <string_view>

namespace lodge::cli {

inline constexpr std::uint64_t largest_dimension = 65'536;

/// What `row_reader::next` met.
enum class met : std::uint8_t {
  row,
  end,
  /// One row is of no use; the next can be read.
  bad_row,
  /// Where the next row begins is not known any more.
  broken,
};

/// The outcome of reading one row; with `bad_row` and `broken` also why.
struct reading {
  met what = met::row;
  error failure = {};
};

/// Reads items from a stream, one at a time. The stream outlives the reader.
class row_reader {
public:
  virtual ~row_reader() = default;

  /// The next row into `row`, all of whose parts are set anew.
  virtual reading next(item& row) = 0;
  /// Where the row that was read last begins in the source: a line or a row, from 1.
  virtual std::uint64_t number() const = 0;
  /// What `number` counts.
  virtual std::string_view unit() const { return "row"; }
};

} // namespace lodge::cli
