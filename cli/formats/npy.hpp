#pragma once

#include "cli/formats/row_reader.hpp"

#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

/// NumPy's .npy files (numpy.lib.format): "\x93NUMPY", the version's two bytes, the header's length (uint16 in version
/// 1, uint32 in 2 and 3), the header as a Python dict literal, then the values.
namespace lodge::cli {

/// What a header says of a matrix with a row a vector.
struct npy_header {
  /// 4 for float32, 8 for float64.
  std::uint64_t value_bytes = 4;
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
};

/// Reads all before the values. errc::invalid_argument for what is no two-dimensional little-endian float matrix in C
/// order.
result<npy_header> read_npy_header(std::istream& in);
/// The header's dict alone: "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".
result<npy_header> npy_header_from(std::string_view dict);

/// Vectors of an .npy file, without keys; float64 values are rounded to float32.
class npy_reader : public row_reader {
public:
  explicit npy_reader(std::istream& in) : in_(in) {}

  reading next(item& row) override;
  std::uint64_t number() const override { return row_; }

private:
  reading begin();

  std::istream& in_;
  std::optional<npy_header> header_;
  std::uint64_t row_ = 0;
};

/// Writes a float32 matrix of version 1 whose number of rows is known only at its end.
class npy_writer {
public:
  /// @param out Can be sought.
  npy_writer(std::ostream& out, std::uint64_t columns);

  void write(const std::vector<float>& row);
  /// Writes the number of rows into the header.
  void finish();

private:
  void write_header();

  std::ostream& out_;
  std::uint64_t columns_;
  std::uint64_t rows_ = 0;
};

} // namespace lodge::cli
