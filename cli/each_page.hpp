#pragma once

#include <lodge/database.hpp>

#include <functional>

namespace lodge::cli {

/// Calls the function for a collection's items in the order of their keys, until it says false. Each page of some
/// megabytes is of one snapshot; what is written meanwhile is in it or not.
result<void> each_page(const collection& source, const std::function<bool(page&)>& take);

} // namespace lodge::cli
