#pragma once

#include "storage/label_sets.hpp"
#include "storage/sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lodge::storage {

/// Sets of labels that queries give, put together; in slices, since a query may give millions.
///
/// **Operation**: steps are added in the order of a stack machine: a query pushes its set, the others take sets from
/// the top and push one. Then `run` until it says that all is done.
/// **Limits**: holds the labels of all sets on the stack; putting sets together is done in one slice.
class set_program {
public:
  /// @param sql Gives labels; `values` are bound to its places from 1 on.
  void push(std::string sql, std::vector<sql_value> values);
  /// Takes the uppermost sets.
  void intersect(std::size_t sets);
  void unite(std::size_t sets);
  /// Takes the uppermost set from the one below it.
  void subtract();

  /// Reads up to `rows` rows and takes them off. @returns Whether the program is at its end.
  bool run(connection& on, std::size_t& rows);
  /// The set that is left at the end.
  label_set result() &&;

private:
  enum class what : std::uint8_t { query, intersection, one_of, difference };
  struct step {
    what to_do = what::query;
    std::size_t sets = 0;
    std::string sql = {};
    std::vector<sql_value> values = {};
  };

  /// Whether the query is at its end.
  bool read(connection& on, const step& of, std::size_t& rows);
  void put_together(const step& how);
  label_set pop();

  std::vector<step> steps_;
  std::size_t at_ = 0;
  std::vector<label_set> stack_;
  std::unique_ptr<statement> query_;
  std::vector<std::uint64_t> found_;
};

} // namespace lodge::storage
