#pragma once

#include "index/kernels.hpp"
#include "index/nearest.hpp"
#include "index/search.hpp"
#include "index/view.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lodge::index {

/// Ranks what a search among rough vectors found by the vectors themselves, and wants no more of them than it must:
/// once k are known, none that cannot be nearer.
///
/// **Operation**: as long as a row is `wanted`, `tell` its vector; `take` gives the hits.
class refinement {
public:
  /// @param query As the user gave it, of the view's dimension.
  /// @param candidates What `search` gave for it, with these parameters.
  refinement(const view& where, std::span<const float> query, const search_parameters& parameters,
             std::vector<neighbour> candidates);

  /// The label of the row whose vector is to be told; none if nothing is to be known any more.
  std::optional<std::uint64_t> wanted() const;
  /// @param vector Of the row wanted: the values that were put, anywhere in memory.
  void tell(const void* vector);

  /// The min(k, n) nearest, nearest first.
  std::vector<neighbour> take() { return std::move(best_).sorted(); }

private:
  std::size_t dimension_;
  kernels distances_;
  vector_writer writer_;
  std::vector<std::byte> query_;
  std::vector<std::byte> row_;
  std::vector<neighbour> candidates_;
  std::size_t next_ = 0;
  nearest best_;
};

} // namespace lodge::index
