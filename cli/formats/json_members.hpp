#pragma once

#include <lodge/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lodge::cli {

struct json_member {
  std::string name;
  /// As it is written in the text, so that numbers and metadata are not changed by reading them.
  std::string_view value;
};

/// The members of a JSON object, in their order. errc::invalid_argument for any other text, with the column.
result<std::vector<json_member>> json_members(std::string_view text);

} // namespace lodge::cli
