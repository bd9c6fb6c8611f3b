#include "storage/rows_by_label.hpp"

#include "storage/stored_row.hpp"

#include <algorithm>
#include <string>

namespace lodge::storage {

namespace {

constexpr std::size_t rows_a_stretch = 128;

failure missing(std::uint64_t label) {
  return {errc::corrupt, "the row of label " + std::to_string(label) + " is missing"};
}

void require_vector_of(collection_id collection, const stored_row& row) {
  if (!row.has_vector || row.collection != collection)
    throw failure{errc::corrupt,
                  "the row of label " + std::to_string(row.label) + " is of another collection, or has no vector"};
}

row_seen seen(const stored_row& row) { return {row.label, row.key, row.vector, row.died_at}; }

/// Whether the cursor, whose first column is the label, comes upon it before it passes its place.
bool step_to(statement& cursor, std::uint64_t label) {
  while (cursor.step())
    if (const auto found = cursor.number(0); found >= label)
      return found == label;
  return false;
}

} // namespace

bool lie_close_together(std::span<const std::uint64_t> labels) {
  return !labels.empty() && std::ranges::adjacent_find(labels, std::ranges::greater_equal{}) == labels.end()
    && labels.back() - labels.front() < 2 * labels.size();
}

rows_by_label::rows_by_label(connection& on, collection_id collection, std::size_t dimension)
  : collection_(collection),
    dimension_(dimension),
    items_(on, (select_stored_item + "NOT INDEXED WHERE i.label BETWEEN ? AND ? ORDER BY i.label").c_str()),
    vectors_(on, "SELECT label, checksum, vector FROM vectors WHERE label BETWEEN ? AND ? ORDER BY label"),
    by_label_(on, (select_stored_row + "WHERE i.label = ?").c_str()) {}

void rows_by_label::read(std::span<const std::uint64_t> labels, const std::function<void(const row_seen&)>& each) {
  while (!labels.empty()) {
    const auto stretch = labels.first(std::min(labels.size(), rows_a_stretch));
    labels = labels.subspan(stretch.size());
    if (lie_close_together(stretch))
      walk(stretch, each);
    else
      for (const auto label : stretch)
        look_up(label, each);
  }
}

void rows_by_label::walk(std::span<const std::uint64_t> labels, const std::function<void(const row_seen&)>& each) {
  const scope_reset items_end{items_};
  const scope_reset vectors_end{vectors_};
  items_.with(labels.front(), labels.back());
  vectors_.with(labels.front(), labels.back());
  for (const auto label : labels) {
    if (!step_to(items_, label))
      throw missing(label);
    auto row = checked_item(items_);
    require_vector_of(collection_, row);
    if (!step_to(vectors_, label))
      throw vector_damage(row);
    row.vector = checked_vector(row, {vectors_.number(1), vectors_.bytes(2)}, dimension_);
    each(seen(row));
  }
}

void rows_by_label::look_up(std::uint64_t label, const std::function<void(const row_seen&)>& each) {
  const scope_reset at_end{by_label_};
  if (!by_label_.with(label).step())
    throw missing(label);
  const auto row = checked_row(by_label_, dimension_);
  require_vector_of(collection_, row);
  each(seen(row));
}

} // namespace lodge::storage
