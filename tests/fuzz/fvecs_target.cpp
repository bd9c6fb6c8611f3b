#include "cli/formats/fvecs.hpp"
#include "tests/fuzz/read_rows.hpp"

using namespace lodge;

// What was read is, written again, the beginning of the source.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source = fuzz::text_of(data, size);
  std::istringstream in{source};
  cli::fvecs_reader reader{in};
  std::ostringstream again;
  fuzz::read_rows(reader, size, [&](const item& row) {
    fuzz::require_sizes(row);
    cli::write_vecs_row(again, *row.vector);
  });
  fuzz::require(source.starts_with(again.str()), "rows are the bytes that they were read from");
  return 0;
}
