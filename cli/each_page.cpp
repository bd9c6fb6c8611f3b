#include "cli/each_page.hpp"

#include <algorithm>

namespace lodge::cli {

namespace {

constexpr std::uint64_t page_bytes = std::uint64_t{8} << 20;
constexpr std::uint64_t largest_page = 10'000;

} // namespace

result<void> each_page(const collection& source, const std::function<bool(page&)>& take) {
  const auto info = source.info();
  if (!info)
    return info.error();
  const auto limit = std::clamp<std::uint64_t>(page_bytes / (info->dimension * sizeof(float)), 1, largest_page);
  std::string after;
  for (bool more = true; more;) {
    auto next = source.scan(after, limit);
    if (!next)
      return next.error();
    more = next->more && !next->records.empty();
    if (more)
      after = next->records.back().key;
    if (!take(*next))
      return {};
  }
  return {};
}

} // namespace lodge::cli
