#pragma once

#include "cli/formats/row_reader.hpp"

#include <istream>
#include <ostream>
#include <vector>

namespace lodge::cli {

/// Vectors of an .fvecs file, without keys. A row is an int32 count and as many float32, little-endian; all rows of
/// a file have the count of the first.
class fvecs_reader : public row_reader {
public:
  explicit fvecs_reader(std::istream& in) : in_(in) {}

  reading next(item& row) override;
  std::uint64_t number() const override { return row_; }

private:
  std::istream& in_;
  std::uint64_t row_ = 0;
  std::uint64_t dimension_ = 0;
};

/// Appends one row of an .fvecs or .ivecs file.
void write_vecs_row(std::ostream& out, const std::vector<float>& values);
void write_vecs_row(std::ostream& out, const std::vector<std::int32_t>& values);

} // namespace lodge::cli
