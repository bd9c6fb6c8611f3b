#include "storage/matching_labels.hpp"

#include "storage/filter_sql.hpp"
#include "storage/stored_row.hpp"

#include <algorithm>
#include <utility>

namespace lodge::storage {

namespace {

/// Looking a row up and asking it costs so many times what a value of a field costs in a walk.
constexpr std::uint64_t values_a_row = 32;
/// Where a collection's own rows are fewer than one in so many, they are looked up instead of passing all.
constexpr std::uint64_t rows_passed = 8;

std::int64_t as_integer(std::uint64_t number) { return static_cast<std::int64_t>(std::min(number, living_rows.as_of)); }

} // namespace

matching_labels::matching_labels(connection& on, const collection_row& collection, const filter& wanted,
                                 const filter_range& within, field_trust trust)
  : on_(on),
    collection_(collection.id),
    items_(collection.info.items),
    wanted_(wanted),
    within_(within),
    trust_(trust) {
  if (within.after == 0)
    plan_ = plan_filter(wanted.root(), collection.info.fields);
  by_index_ = !plan_.sets.empty();
  if (by_index_) {
    start_set();
  } else if (within.after == 0 && (wanted.matches_all() || is_small_part_of_file())) {
    start_own_rows();
  } else {
    plan_.of_rows = wanted.root();
    prepare_rows("NOT INDEXED WHERE i.label > ?1 ORDER BY i.label");
    rows_->with(std::min(within.after, living_rows.as_of));
    phase_ = phase::asking_all_rows;
  }
}

bool matching_labels::step(std::size_t most, std::vector<std::uint64_t>& labels) {
  for (auto rows = most; rows > 0 && phase_ != phase::done;) {
    switch (phase_) {
    case phase::finding_set: find_set(rows); break;
    case phase::giving_set: give_set(rows, labels); break;
    case phase::asking_rows_of_set: ask_rows_of_set(rows, labels); break;
    case phase::asking_all_rows: ask_all_rows(rows, labels); break;
    case phase::done: break;
    }
  }
  return phase_ != phase::done;
}

bool matching_labels::is_small_part_of_file() {
  const auto in_file = on_.ask("SELECT coalesce(sum(items), 0) FROM collections WHERE dropped_at IS NULL");
  return items_ < static_cast<std::uint64_t>(std::max(in_file, std::int64_t{0})) / rows_passed;
}

void matching_labels::start_own_rows() {
  const auto of = static_cast<std::int64_t>(collection_);
  program_.push("SELECT label FROM items INDEXED BY living_items WHERE collection = ?1 AND died_at IS NULL", {of});
  program_.push("SELECT label FROM items INDEXED BY dead_items"
                " WHERE collection = ?1 AND died_at > ?2 AND died_at IS NOT NULL",
                {of, as_integer(within_.as_of)});
  program_.unite(2);
  phase_ = phase::finding_set;
}

void matching_labels::start_set() {
  program_ = {};
  add_steps(plan_.sets[sets_found_].from);
  if (sets_found_ == 0) {
    program_.push("SELECT label FROM items INDEXED BY dead_items"
                  " WHERE collection = ?1 AND died_at <= ?2 AND died_at IS NOT NULL",
                  {static_cast<std::int64_t>(collection_), as_integer(within_.as_of)});
    program_.subtract();
  }
  phase_ = phase::finding_set;
}

void matching_labels::add_steps(const field_set& set) {
  if (set.is == field_set::kind::scan) {
    auto wanted = sql_of_field(set.wanted, 3);
    wanted.values.insert(wanted.values.begin(),
                         {static_cast<std::int64_t>(collection_), static_cast<std::int64_t>(set.field)});
    program_.push("SELECT label FROM field_values WHERE collection = ?1 AND field = ?2 AND (" + wanted.condition + ")",
                  std::move(wanted.values));
    return;
  }
  for (const auto& part : set.parts)
    add_steps(part);
  if (set.is == field_set::kind::intersection)
    program_.intersect(set.parts.size());
  else
    program_.unite(set.parts.size());
}

void matching_labels::find_set(std::size_t& rows) {
  if (!program_.run(on_, rows))
    return;
  auto found = std::move(program_).result();
  candidates_ = sets_found_ == 0 ? std::move(found) : in_both(candidates_, found);
  ++sets_found_;
  // From few rows the rest is found out sooner by asking them.
  if (sets_found_ < plan_.sets.size() && candidates_.size() >= items_ / values_a_row)
    start_set();
  else
    end_sets();
}

void matching_labels::end_sets() {
  for (; sets_found_ < plan_.sets.size(); ++sets_found_)
    plan_.of_rows.parts.push_back(plan_.sets[sets_found_].wanted);
  if (trust_ == field_trust::rows_are_asked)
    plan_.of_rows = wanted_.root();
  if (plan_.of_rows.parts.empty() && trust_ == field_trust::as_they_are) {
    phase_ = phase::giving_set;
    return;
  }
  prepare_rows("WHERE i.label = ?1");
  phase_ = phase::asking_rows_of_set;
}

void matching_labels::prepare_rows(const std::string& which) {
  const auto asked = sql_of_rows(plan_.of_rows, 4);
  rows_ = std::make_unique<statement>(
    on_,
    ("SELECT " + stored_item_columns + ", CASE WHEN i.collection = ?2 AND (i.died_at IS NULL OR i.died_at > ?3) THEN ("
     + asked.condition + ") END FROM items i " + which)
      .c_str());
  rows_->bind_from(2, {static_cast<std::int64_t>(collection_), as_integer(within_.as_of)});
  row_values_ = asked.values;
  rows_->bind_from(4, row_values_);
}

void matching_labels::give_set(std::size_t& rows, std::vector<std::uint64_t>& labels) {
  const auto from = candidates_.begin() + static_cast<std::ptrdiff_t>(candidates_done_);
  const auto count = std::min(rows, candidates_.size() - candidates_done_);
  labels.insert(labels.end(), from, from + static_cast<std::ptrdiff_t>(count));
  candidates_done_ += count;
  rows -= count;
  if (candidates_done_ == candidates_.size())
    phase_ = phase::done;
}

bool matching_labels::row_matches() const {
  constexpr int condition = 7;
  checked_item(*rows_);
  return rows_->integer(condition) != 0;
}

void matching_labels::ask_rows_of_set(std::size_t& rows, std::vector<std::uint64_t>& labels) {
  for (; rows > 0 && candidates_done_ < candidates_.size(); --rows, ++candidates_done_) {
    const auto label = candidates_[candidates_done_];
    const scope_reset at_end{*rows_};
    if (!rows_->with(label).step() || rows_->number(1) != collection_)
      throw failure{errc::corrupt,
                    "what is kept of collection " + std::to_string(collection_) + " leads to the row of label "
                      + std::to_string(label) + ", which is not its row"};
    if (row_matches())
      labels.push_back(label);
  }
  if (candidates_done_ == candidates_.size())
    phase_ = phase::done;
}

void matching_labels::ask_all_rows(std::size_t& rows, std::vector<std::uint64_t>& labels) {
  for (; rows > 0; --rows) {
    if (!rows_->step()) {
      rows_->reset();
      phase_ = phase::done;
      return;
    }
    if (rows_->number(1) == collection_ && row_matches())
      labels.push_back(rows_->number(0));
  }
}

} // namespace lodge::storage
