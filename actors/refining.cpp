#include "actors/refining.hpp"

#include "index/refinement.hpp"

#include <utility>

namespace lodge {

result<bool> refine(const index::view& view, std::span<const float> query, const index::search_parameters& parameters,
                    storage::reader& file, std::vector<index::neighbour>& found) {
  if (!view.layout().is_rough() || found.empty())
    return true;
  index::refinement refining{view, query, parameters, std::move(found)};
  const auto there = file.vectors(
    view.dimension, [&] { return refining.wanted(); },
    [&](std::span<const std::uint8_t> vector) { refining.tell(vector.data()); });
  if (there && *there)
    found = refining.take();
  return there;
}

} // namespace lodge
