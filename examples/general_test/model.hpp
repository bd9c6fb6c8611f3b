#pragma once

#include "journal.hpp"
#include "plan.hpp"

#include <set>
#include <string>
#include <vector>

namespace general_test {

/// Changes of all processes in the order of their numbers, without those that were not answered.
std::vector<change> merge(std::vector<change> changes);

/// Keys of writes whose answer was lost: they may be there or not.
std::set<std::string> unanswered_keys(const std::vector<change>& changes);

/// What a state file is to hold after these changes. Without answers if some key is open.
std::string expected_state(const std::vector<change>& merged, const std::set<std::string>& open);

/// A state file without the lines of keys that are open, and without answers if there are some.
std::string seen_state(const std::string& path, const std::set<std::string>& open);

} // namespace general_test
