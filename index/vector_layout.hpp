#pragma once

#include <lodge/types.hpp>

#include <cstddef>

namespace lodge::index {

/// How the vectors of a view lie in memory, row after row.
///
/// float32 rows are the prepared values. float16 rows are those rounded to half precision, whose distances are taken
/// for the true ones. int8 rows are a scale (2 bytes, the upper half of a float) and a whole number of -127 to 127 for
/// each value: distances from them are near the true ones by a known doubt, and the file's rows tell which is nearer.
struct vector_layout {
  std::size_t dimension = 0;
  vector_form form = vector_form::float32;

  std::size_t row_bytes() const {
    switch (form) {
    case vector_form::float32: return dimension * 4;
    case vector_form::float16: return dimension * 2;
    case vector_form::int8: return dimension + 2;
    }
    return 0;
  }

  /// Of a query in the form that rows are compared with: floats, but for int8 its scale, its squared length and a
  /// number of two bytes for each value.
  std::size_t query_bytes() const { return form == vector_form::int8 ? 8 + dimension * 2 : dimension * 4; }

  /// Whether distances have a doubt.
  bool is_rough() const { return form == vector_form::int8; }

  friend bool operator==(const vector_layout&, const vector_layout&) = default;
};

} // namespace lodge::index
