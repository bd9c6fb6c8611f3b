#include "storage/label_sets.hpp"

#include <algorithm>
#include <iterator>

namespace lodge::storage {

label_set as_set(std::vector<std::uint64_t> labels) {
  // Rows of one value come in the order of their labels.
  if (!std::ranges::is_sorted(labels))
    std::ranges::sort(labels);
  labels.erase(std::ranges::unique(labels).begin(), labels.end());
  return labels;
}

label_set in_both(const label_set& left, const label_set& right) {
  label_set made;
  std::ranges::set_intersection(left, right, std::back_inserter(made));
  return made;
}

label_set in_either(const label_set& left, const label_set& right) {
  label_set made;
  std::ranges::set_union(left, right, std::back_inserter(made));
  return made;
}

label_set in_first_only(const label_set& left, const label_set& right) {
  label_set made;
  std::ranges::set_difference(left, right, std::back_inserter(made));
  return made;
}

} // namespace lodge::storage
