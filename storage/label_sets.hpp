#pragma once

#include <cstdint>
#include <vector>

namespace lodge::storage {

/// Labels, ascending, each once.
using label_set = std::vector<std::uint64_t>;

/// Makes labels in any order a set.
label_set as_set(std::vector<std::uint64_t> labels);

label_set in_both(const label_set& left, const label_set& right);
label_set in_either(const label_set& left, const label_set& right);
label_set in_first_only(const label_set& left, const label_set& right);

} // namespace lodge::storage
