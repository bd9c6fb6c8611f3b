#include "cli/formats/jsonl.hpp"
#include "tests/fuzz/read_rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace lodge;

namespace {

bool is_same(const item& a, const item& b) {
  const auto bits = [](const item& of) {
    return of.vector ? std::string{reinterpret_cast<const char*>(of.vector->data()), of.vector->size() * sizeof(float)}
                     : std::string{"none"};
  };
  auto metadata = a.metadata;
  std::ranges::replace(metadata, '\r', ' ');
  return a.key == b.key && metadata == b.metadata && bits(a) == bits(b);
}

} // namespace

// An item that was read is the same after an export and an import.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in{fuzz::text_of(data, size)};
  cli::jsonl_reader reader{in};
  fuzz::read_rows(reader, size, [](const item& row) {
    // Numbers beyond the range become infinite, which no collection takes.
    if (row.vector && !std::ranges::all_of(*row.vector, [](float value) { return std::isfinite(value); }))
      return;
    const auto again = cli::item_from_json(cli::to_json_line(row));
    fuzz::require(again && is_same(row, *again), "an item is the same after to_json_line and item_from_json");
  });
  return 0;
}
