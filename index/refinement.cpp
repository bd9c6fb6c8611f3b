#include "index/refinement.hpp"

#include <utility>

namespace lodge::index {

refinement::refinement(const view& where, std::span<const float> query, const search_parameters& parameters,
                       std::vector<neighbour> candidates)
  : dimension_(where.dimension),
    distances_(kernels_for(where.metric)),
    writer_(where.metric, vector_form::float32),
    query_(vector_layout{dimension_}.query_bytes()),
    row_(vector_layout{dimension_}.row_bytes()),
    candidates_(std::move(candidates)),
    best_(std::min(parameters.k, candidates_.size()), parameters.within) {
  writer_.write_query(query.data(), dimension_, query_.data());
}

std::optional<std::uint64_t> refinement::wanted() const {
  if (next_ == candidates_.size())
    return std::nullopt;
  const auto& next = candidates_[next_];
  if (best_.is_too_far(next.distance - next.doubt))
    return std::nullopt;
  return next.label;
}

void refinement::tell(const void* vector) {
  const auto& told = candidates_[next_++];
  writer_.write_row(vector, dimension_, row_.data());
  best_.offer({distances_.one(query_.data(), row_.data(), dimension_), told.label, told.key});
}

} // namespace lodge::index
