#pragma once

#include <lodge/check.hpp>

#include "storage/rows.hpp"

#include <functional>

namespace lodge::storage {

class connection;

/// Compares the words of a collection's text index, and how many each row has, with those of its rows.
void check_text(connection& on, const collection_row& collection, const std::function<void(const finding&)>& tell);

} // namespace lodge::storage
