#pragma once

#include "cli/source.hpp"

#include <lodge/types.hpp>

#include <memory>
#include <ostream>

namespace lodge::cli {

/// Writes items in one of the formats.
class item_writer {
public:
  /// @param keys Where the keys go, for formats without; null for the others.
  static std::unique_ptr<item_writer> make(format what, std::uint64_t dimension, std::ostream& out, std::ostream* keys);
  virtual ~item_writer() = default;

  /// Fails for a key that a key file cannot hold, and when writing fails.
  virtual result<void> write(const item& what) = 0;
  /// To be called after the last.
  virtual void finish() {}

  std::uint64_t rows() const { return rows_; }
  /// Items without a vector, in formats of vectors; and items whose metadata these formats cannot hold.
  std::uint64_t left_out() const { return left_out_; }
  std::uint64_t metadata_left_out() const { return metadata_left_out_; }

protected:
  std::uint64_t rows_ = 0;
  std::uint64_t left_out_ = 0;
  std::uint64_t metadata_left_out_ = 0;
};

} // namespace lodge::cli
