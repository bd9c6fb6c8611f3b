#include "actors/segment_bytes.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

using namespace lodge;

namespace {

std::uint64_t take_number(std::span<const std::uint8_t>& from) {
  std::uint64_t value = 0;
  const auto count = std::min(from.size(), sizeof value);
  if (count > 0)
    std::memcpy(&value, from.data(), count);
  from = from.subspan(count);
  return value;
}

} // namespace

// A number of vectors, a watermark, one byte that says how many labels live, those, and a segment: the labels of any
// bytes ascend, or are refused.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span<const std::uint8_t> rest{data, size};
  storage::segment_record record;
  record.id = 1;
  record.vectors = take_number(rest);
  const auto covers = take_number(rest);
  std::vector<std::uint64_t> living(rest.empty() ? 0 : rest.front());
  rest = rest.subspan(rest.empty() ? 0 : 1);
  for (auto& label : living)
    label = take_number(rest);
  std::ranges::sort(living);
  record.bytes = rest.size();
  const auto labels = labels_of(record, rest);
  if (!labels) {
    fuzz::require(labels.error().code == errc::base_corrupt, "damage is the base's");
    return 0;
  }
  fuzz::require(labels->size() == record.vectors && std::ranges::is_sorted(*labels), "labels ascend");
  const auto lacks = std::ranges::any_of(
    living, [&](auto label) { return label <= covers && !std::ranges::binary_search(*labels, label); });
  if (check_coverage(living, covers, *labels))
    fuzz::require(!lacks, "a base that covers the living holds them");
  return 0;
}
