#include "cli/formats/fvecs.hpp"
#include "cli/formats/keyed.hpp"
#include "tests/fuzz/read_rows.hpp"

#include <algorithm>

using namespace lodge;

// The source up to the first "\n\n\n" is the key file, what follows the vectors.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source = fuzz::text_of(data, size);
  const auto cut = std::min(source.find("\n\n\n"), source.size());
  const auto rest = source.substr(std::min(cut + 3, source.size()));
  std::istringstream keys{source.substr(0, cut)};
  std::istringstream vectors{rest};
  cli::keys_from_lines lines{std::make_unique<cli::fvecs_reader>(vectors), keys, "keys.txt"};
  fuzz::read_rows(lines, size, [](const item& row) {
    fuzz::require_sizes(row);
    fuzz::require(row.key.find('\n') == std::string::npos, "a key is one line");
  });
  std::istringstream again{rest};
  cli::keys_from_numbers numbers{std::make_unique<cli::fvecs_reader>(again), 7};
  std::uint64_t expected = 7;
  fuzz::read_rows(numbers, size, [&](const item& row) {
    fuzz::require(row.key == std::to_string(expected++), "keys count the rows");
  });
  return 0;
}
