#pragma once

#include <lodge/error.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodge::cli {

/// The float32 nearest to a decimal number; infinity beyond the range, 0 below it. Nothing if the text is no number.
std::optional<float> float_from(std::string_view text);

/// The values of "1,0.5,-2" or "[1, 0.5, -2]".
result<std::vector<float>> floats_from(std::string_view text);

/// What to say of the value at a place (from 0) that is no number.
error not_a_number(std::size_t place, std::string_view text);

/// The shortest decimal number that reads back as the same float32.
std::string to_text(float value);
/// "[1,0.5,-2]"
std::string to_text(const std::vector<float>& values);

std::string_view without_spaces_around(std::string_view text);

} // namespace lodge::cli
