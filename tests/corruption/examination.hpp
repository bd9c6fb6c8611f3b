#pragma once

#include "tests/corruption/good_file.hpp"

#include <string>

namespace lodge::test {

/// Asks a damaged file for everything, changes it, and asks again after closing and opening it: each answer is the
/// right one or an error that names the damage.
///
/// @returns Lines "WRONG ..." for all that is neither, then one line that says how it went: "refused", "errors",
/// "right".
std::string examine(const std::string& path, const good_file& good, std::size_t state, bool older_states,
                    std::uint32_t seed);

} // namespace lodge::test
