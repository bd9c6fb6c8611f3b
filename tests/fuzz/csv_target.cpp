#include "cli/formats/csv.hpp"
#include "cli/formats/float_text.hpp"
#include "tests/fuzz/read_rows.hpp"

using namespace lodge;

namespace {

std::string quoted(const std::string& field) {
  std::string made = "\"";
  for (const char byte : field)
    made.append(byte == '"' ? 2 : 1, byte);
  return made.append("\"");
}

} // namespace

// Fields are the same after they were quoted and read again.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source = fuzz::text_of(data, size);
  std::istringstream in{source};
  cli::csv_reader reader{in};
  fuzz::read_rows(reader, size,
                  [](const item& row) { fuzz::require(row.vector.has_value(), "a record has a vector"); });
  if (const auto fields = cli::csv_fields(source)) {
    std::string again;
    for (const auto& field : *fields)
      again.append(again.empty() ? "" : ",").append(quoted(field));
    fuzz::require(cli::csv_fields(again) == fields, "fields are the same after quoting");
  }
  if (const auto values = cli::floats_from(source))
    fuzz::require(values->size() <= size, "each number has its text");
  return 0;
}
