#pragma once

#include "cli/formats/lines.hpp"
#include "cli/formats/row_reader.hpp"

#include <optional>
#include <string>
#include <vector>

/// Comma-separated values (RFC 4180): a key, then the values of its vector.
namespace lodge::cli {

/// The fields of a record, quotes undone. Nothing if a quote stands where none may be.
std::optional<std::vector<std::string>> csv_fields(std::string_view record);

/// Items from a .csv file. A first record without any number after its key is a header, and passed over.
class csv_reader : public row_reader {
public:
  explicit csv_reader(std::istream& in) : lines_(in) {}

  reading next(item& row) override;
  std::uint64_t number() const override { return record_; }
  std::string_view unit() const override { return "line"; }

private:
  reading read_record(std::string& record);

  line_reader lines_;
  /// The line in which the record begins.
  std::uint64_t record_ = 0;
  bool begun_ = false;
};

} // namespace lodge::cli
