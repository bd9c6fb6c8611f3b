#include "storage/newest_number.hpp"

#include "storage/sqlite.hpp"

#include <string>

namespace lodge::storage {

std::uint64_t newest_number(statement& query) {
  const scope_reset at_end{query};
  if (!query.with().step())
    throw failure{errc::corrupt, "the file's row with its last number is gone"};
  if (query.integer(0) != query.integer(1))
    throw failure{errc::corrupt,
                  "the file's last change is said to be " + std::to_string(query.integer(0))
                    + ", the last in its logs is " + std::to_string(query.integer(1))};
  return query.number(0);
}

std::uint64_t newest_number(connection& on) {
  statement query{on, select_newest_number};
  return newest_number(query);
}

} // namespace lodge::storage
