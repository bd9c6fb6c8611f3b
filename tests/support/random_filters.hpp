#pragma once

#include <nlohmann/json.hpp>

#include <random>
#include <string>
#include <vector>

namespace lodge::test {

/// Places that `random_metadata` may fill, and `random_filter` asks for.
extern const std::vector<std::string> random_paths;

/// JSON text, or none: objects of values of all types, most of which `random_filter` has as operands, too.
std::string random_metadata(std::mt19937& random);

/// A well-formed filter, up to some levels deep.
nlohmann::json random_filter(std::mt19937& random, int levels = 3);

} // namespace lodge::test
