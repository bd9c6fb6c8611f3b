#pragma once

#include <lodge/options.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace lodge {

/// A row in one of the lists that are fused, or in what they gave.
struct ranked_row {
  std::uint64_t label = 0;
  std::string_view key;
  double score = 0;
};

/// How many rows are taken of each list.
std::size_t depth_of(const fusion_options& options, std::size_t k);

/// The best of two lists, each best first, by reciprocal rank fusion (`fusion_options`); equal scores in the order of
/// their labels. The scores of the lists themselves do not count.
std::vector<ranked_row> fuse(std::span<const ranked_row> one, std::span<const ranked_row> other,
                             std::uint32_t rank_constant, std::size_t k);

} // namespace lodge
