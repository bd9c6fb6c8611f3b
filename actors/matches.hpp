#pragma once

#include "index/label_set.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace lodge {

/// The labels of the rows that match a filter, dead ones among them, as every view needs them whose number is from
/// `from` to `to`: a row's metadata never changes.
struct matches {
  index::label_set labels;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  bool by_field_index = false;

  bool serve(std::uint64_t view_number) const { return from <= view_number && view_number <= to; }
};
using matches_ptr = std::shared_ptr<const matches>;

/// What MATCHER answers.
struct match_reply {
  /// Null if rows of that number were swept: there is a newer view.
  matches_ptr rows;
  /// As `search_explanation::filter` tells it.
  std::string how;
};

} // namespace lodge
