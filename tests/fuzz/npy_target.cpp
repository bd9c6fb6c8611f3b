#include "cli/formats/npy.hpp"
#include "tests/fuzz/read_rows.hpp"

using namespace lodge;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source = fuzz::text_of(data, size);
  std::istringstream in{source};
  cli::npy_reader reader{in};
  std::size_t values = 0;
  fuzz::read_rows(reader, size, [&](const item& row) {
    fuzz::require_sizes(row);
    values += row.vector->size();
  });
  fuzz::require(values <= size / sizeof(float), "each value has its bytes");
  // The dict by itself, without a file around it.
  if (const auto header = cli::npy_header_from(source))
    fuzz::require(header->columns >= 1 && header->columns <= cli::largest_dimension, "a row is a vector");
  return 0;
}
