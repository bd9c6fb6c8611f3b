#include "actors/fusion.hpp"

#include <algorithm>
#include <tuple>

namespace lodge {

std::size_t depth_of(const fusion_options& options, std::size_t k) {
  constexpr std::size_t least = 100;
  constexpr std::size_t most_by_default = 1'000'000;
  const auto wanted = options.depth > 0 ? options.depth : std::max(least, std::min(k, most_by_default / 10) * 10);
  return std::max(k, wanted);
}

std::vector<ranked_row> fuse(std::span<const ranked_row> one, std::span<const ranked_row> other,
                             std::uint32_t rank_constant, std::size_t k) {
  std::vector<ranked_row> fused;
  fused.reserve(one.size() + other.size());
  for (const auto& list : {one, other}) {
    double place = rank_constant;
    for (const auto& each : list)
      fused.push_back({each.label, each.key, 1 / ++place});
  }
  std::ranges::sort(fused, {}, &ranked_row::label);
  std::size_t rows = 0;
  for (const auto& each : fused) {
    if (rows > 0 && fused[rows - 1].label == each.label)
      fused[rows - 1].score += each.score;
    else
      fused[rows++] = each;
  }
  fused.resize(rows);
  const auto kept = fused.begin() + static_cast<std::ptrdiff_t>(std::min(k, rows));
  std::ranges::partial_sort(fused, kept, [](const ranked_row& a, const ranked_row& b) {
    return std::make_tuple(-a.score, a.label) < std::make_tuple(-b.score, b.label);
  });
  fused.erase(kept, fused.end());
  return fused;
}

} // namespace lodge
