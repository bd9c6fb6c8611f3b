#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lodge::storage {

/// A value that metadata is compared with.
struct filter_value {
  enum class kind : std::uint8_t { null, no, yes, integer, real, text };
  kind is = kind::null;
  std::int64_t integer = 0;
  /// A text; of a real its digits, so that SQLite reads them as it reads those in metadata.
  std::string text = {};
};

enum class filter_test : std::uint8_t { one_of, greater, greater_or_equal, less, less_or_equal, exists };

/// What a filter comes to: negations stand at the leaves only.
struct filter_node {
  enum class kind : std::uint8_t {
    /// Each of the parts holds; with none, always.
    all,
    /// One of the parts holds; with none, never.
    any,
    /// One condition on one place.
    leaf,
  };
  kind is = kind::all;
  std::vector<filter_node> parts = {};

  /// Of a leaf. Others have one if they were made of leaves that are all about that place.
  std::string path = {};
  filter_test test = filter_test::one_of;
  bool negated = false;
  /// One value, but for `one_of`, which has one or more, and `exists`, which has none.
  std::vector<filter_value> values = {};
};

} // namespace lodge::storage
