#pragma once

#include "storage/filter.hpp"
#include "storage/filter_plan.hpp"
#include "storage/filter_range.hpp"
#include "storage/label_sets.hpp"
#include "storage/rows.hpp"
#include "storage/set_program.hpp"
#include "storage/sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lodge::storage {

/// How far the values of declared fields, which have no checksums, are believed.
enum class field_trust : std::uint8_t {
  as_they_are,
  /// Each row that they lead to is read and asked.
  rows_are_asked,
};

/// The labels of a collection's rows that match a filter, within a transaction of somebody else.
///
/// **Operation**: `set_program` finds rows by the values of declared fields, smaller sets first; what they cannot say
/// is asked of the rows so found. Without any, all rows are read in the order of their labels, unless few of the file's
/// are this collection's: then its own are looked up. Throws `failure`.
class matching_labels {
public:
  matching_labels(connection& on, const collection_row& collection, const filter& wanted, const filter_range& within,
                  field_trust trust = field_trust::as_they_are);

  /// Looks at about `most` rows and appends those labels that it found meanwhile, ascending over all calls.
  ///
  /// @returns Whether there may be more.
  bool step(std::size_t most, std::vector<std::uint64_t>& labels);

  /// Whether declared fields' values lead to the rows.
  bool by_index() const { return by_index_; }

private:
  enum class phase : std::uint8_t { finding_set, giving_set, asking_rows_of_set, asking_all_rows, done };

  bool is_small_part_of_file();
  void start_set();
  void start_own_rows();
  void add_steps(const field_set& set);
  void prepare_rows(const std::string& which);
  void find_set(std::size_t& rows);
  void end_sets();
  void give_set(std::size_t& rows, std::vector<std::uint64_t>& labels);
  void ask_rows_of_set(std::size_t& rows, std::vector<std::uint64_t>& labels);
  void ask_all_rows(std::size_t& rows, std::vector<std::uint64_t>& labels);
  bool row_matches() const;

  connection& on_;
  collection_id collection_;
  std::uint64_t items_;
  filter wanted_;
  filter_range within_;
  field_trust trust_;
  filter_plan plan_;
  phase phase_ = phase::done;
  bool by_index_ = false;
  /// Finds the next set; those before it came to the candidates.
  set_program program_;
  std::size_t sets_found_ = 0;
  label_set candidates_;
  std::size_t candidates_done_ = 0;
  /// Bound to the statement of rows, whose last column is the condition on them.
  std::vector<sql_value> row_values_;
  std::unique_ptr<statement> rows_;
};

} // namespace lodge::storage
