#pragma once

#include <lodge/error.hpp>

#include "index/search.hpp"
#include "index/view.hpp"
#include "storage/reader.hpp"

#include <span>
#include <vector>

namespace lodge {

/// Makes hits of what a search found among rough vectors, by the vectors in the file; of others they are hits already.
///
/// @param query As the user gave it.
/// @param found What `search` gave with these parameters; then the min(k, n) nearest, nearest first.
/// @returns Whether all rows are still there: if one was swept, there is a newer view.
result<bool> refine(const index::view& view, std::span<const float> query, const index::search_parameters& parameters,
                    storage::reader& file, std::vector<index::neighbour>& found);

} // namespace lodge
