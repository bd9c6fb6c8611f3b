#pragma once

#include "tests/torture/journal.hpp"
#include "tests/torture/observer.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lodge::torture {

/// One operation: what was asked, and what was answered before its process was killed, if it was.
struct operation {
  entry asked;
  std::optional<entry> answer;

  bool is_done() const { return answer && answer->how == entry::stage::done; }
  bool is_refused() const { return answer && answer->how == entry::stage::refused; }
  bool may_be_done() const { return !is_done() && !is_refused(); }
  bool removes() const { return asked.what == entry::action::remove; }
  /// An acknowledged change.
  bool changed() const { return is_done() && answer->changes > 0; }
  std::uint64_t number() const { return answer->number; }
  std::uint64_t first_number() const { return answer->number + 1 - answer->changes; }
};

/// The exact model of one file, from one moment without processes to the next.
///
/// **Operation**: of each cell, the acknowledged operation with the highest number is what the file must hold. An
/// operation without an answer may be in its place, if it came later; what was refused may not. Once the file was seen
/// at rest, that is settled: an unanswered operation cannot come to be done later.
class history {
public:
  explicit history(const cell_list& cells) : cells_(cells) {}

  /// Compares what happened since the last call with what the file holds now. @returns What is wrong, a line each.
  std::vector<std::string> compare(const std::vector<entry>& news, const state& seen);

private:
  using operations = std::vector<const operation*>;

  void check_numbers(const std::vector<operation>& all, std::uint64_t last);
  void check_order_in_time(const std::vector<operation>& all);
  void check_cell(std::uint32_t cell, const operations& its, const state& seen);
  void check_empty(std::uint32_t cell, const operations& its, const state& seen);
  void check_expectations(const operations& changes, const sight& before);
  void complain(const std::string& what) { wrong_.push_back(what); }
  std::string name(std::uint32_t cell) const { return cells_[cell].name; }

  const cell_list& cells_;
  state before_;
  std::vector<std::string> wrong_;
};

} // namespace lodge::torture
