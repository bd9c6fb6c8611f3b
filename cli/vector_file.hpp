#pragma once

#include <lodge/error.hpp>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace lodge::cli {

/// An .fvecs file and the text file with a key for each of its rows, read one pair at a time.
class vector_file {
public:
  static result<vector_file> open(const std::string& vectors, const std::string& keys);

  /// The next pair; false after the last. An error names the row (from 1) and what was expected.
  result<bool> next(std::string& key, std::vector<float>& vector);

  /// Values a row, as the first says.
  std::uint32_t dimension() const { return dimension_; }
  /// Rows of the file, from its size.
  std::uint64_t rows() const { return rows_; }

private:
  vector_file() = default;
  error at_row(errc code, const std::string& what) const;

  std::ifstream vectors_;
  std::ifstream keys_;
  std::string vectors_name_;
  std::string keys_name_;
  std::uint32_t dimension_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t row_ = 0;
};

} // namespace lodge::cli
