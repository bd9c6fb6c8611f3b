#pragma once

#include "storage/filter_tree.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lodge::storage {

/// How the labels are found that match some conditions on declared fields: a tree of sets.
struct field_set {
  enum class kind : std::uint8_t {
    /// One walk through the values of one field.
    scan,
    /// What is in all, or in one, of the parts.
    intersection,
    one_of,
  };
  kind is = kind::scan;
  std::vector<field_set> parts = {};
  /// Of a scan: the field's place among the declared ones, and what is to hold of it.
  std::uint64_t field = 0;
  filter_node wanted = {};
};

/// A part of a filter that declared fields answer.
struct planned_set {
  field_set from;
  /// The same as a condition on rows.
  filter_node wanted;
};

/// What is looked up, and what remains to be asked of the rows so found. All of it is to hold.
struct filter_plan {
  /// Those first that may be thought the smallest. If there are none, all rows are to be asked.
  std::vector<planned_set> sets;
  filter_node of_rows;
};

filter_plan plan_filter(const filter_node& wanted, const std::vector<std::string>& fields);

} // namespace lodge::storage
