#pragma once

#include <lodge/database.hpp>

#include <string>

namespace lodge::cli {

/// Compacts a collection and shows how far it is. @returns The exit code.
int compact_one(const std::string& name, collection& chosen);

} // namespace lodge::cli
