#pragma once

#include "storage/filter_tree.hpp"
#include "storage/sqlite.hpp"

#include <string>
#include <vector>

namespace lodge::storage {

/// A condition in SQL, with what is bound to its places. Nothing that a user wrote is in the text.
struct filter_sql {
  std::string condition;
  /// For the places from the first one on, in their order.
  std::vector<sql_value> values;
};

/// A condition on the row of `items` that is called `i`; 1 where it holds.
///
/// @param first_place The number of its first place in the statement.
filter_sql sql_of_rows(const filter_node& wanted, int first_place);

/// A condition on a row of `field_values`. All of its leaves are about one place in metadata.
filter_sql sql_of_field(const filter_node& wanted, int first_place);

} // namespace lodge::storage
