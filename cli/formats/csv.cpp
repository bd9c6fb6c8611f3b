#include "cli/formats/csv.hpp"

#include "cli/formats/float_text.hpp"

#include <algorithm>

namespace lodge::cli {

namespace {

/// Names of columns: none of them a number, or, as programs write that had no names, all of them the columns' numbers.
bool is_header(const std::vector<std::string>& fields) {
  const std::vector<std::string> names(fields.begin() + 1, fields.end());
  const auto is_name = [](const std::string& field) {
    return !field.empty() && !float_from(without_spaces_around(field));
  };
  std::size_t column = 0;
  const auto is_column_number = [&](const std::string& field) { return field == std::to_string(column++); };
  return !names.empty()
    && (std::ranges::all_of(names, is_name)
        || (fields.front() == "key" && std::ranges::all_of(names, is_column_number)));
}

result<item> item_from(std::vector<std::string> fields) {
  item made;
  made.key = std::move(fields.front());
  auto& values = made.vector.emplace();
  for (std::size_t i = 1; i < fields.size(); ++i) {
    const auto value = float_from(without_spaces_around(fields[i]));
    if (!value)
      return not_a_number(i - 1, fields[i]);
    values.push_back(*value);
  }
  return made;
}

/// Whether a quoted field goes on in the next line, read line by line. A quote opens only where a field begins.
class quote_scan {
public:
  void read(std::string_view part) {
    for (const char byte : part) {
      const auto opens = byte == '"' && (field_begins_ || just_closed_);
      just_closed_ = is_open_ && byte == '"';
      field_begins_ = !is_open_ && byte == ',';
      is_open_ = is_open_ ? byte != '"' : opens;
    }
  }
  bool is_open() const { return is_open_; }

private:
  bool is_open_ = false;
  bool field_begins_ = true;
  /// A quote that follows at once was doubled, and stands for one inside of the field.
  bool just_closed_ = false;
};

} // namespace

std::optional<std::vector<std::string>> csv_fields(std::string_view record) {
  std::vector<std::string> fields{{}};
  for (std::size_t at = 0; at <= record.size(); ++at) {
    if (at < record.size() && record[at] == '"') {
      for (++at;; ++at) {
        if (at >= record.size())
          return std::nullopt;
        // Two quotes stand for one; a single one ends the field.
        if (record[at] == '"' && (++at >= record.size() || record[at] != '"'))
          break;
        fields.back() += record[at];
      }
    } else {
      const auto end = std::min(record.find(',', at), record.size());
      fields.back() = record.substr(at, end - at);
      if (fields.back().find('"') != std::string::npos)
        return std::nullopt;
      at = end;
    }
    if (at >= record.size())
      return fields;
    if (record[at] != ',')
      return std::nullopt;
    fields.emplace_back();
  }
  return fields;
}

reading csv_reader::read_record(std::string& record) {
  do {
    if (!lines_.next(record))
      return {met::end};
  } while (record.empty());
  record_ = lines_.number();
  bool too_long = lines_.too_long();
  quote_scan quotes;
  quotes.read(record);
  for (std::string line; quotes.is_open() && !too_long;) {
    if (!lines_.next(line))
      return {met::broken, {errc::invalid_argument, "the quote that is opened here has no end"}};
    quotes.read(line);
    record += '\n' + line;
    too_long = lines_.too_long() || record.size() > line_reader::longest_line;
  }
  if (too_long)
    return {met::broken,
            {errc::too_large, "a record has at most " + std::to_string(line_reader::longest_line) + " bytes"}};
  return {};
}

reading csv_reader::next(item& row) {
  row = {};
  std::string record;
  if (auto read = read_record(record); read.what != met::row)
    return read;
  auto fields = csv_fields(record);
  if (!fields)
    return {met::bad_row, {errc::invalid_argument, "a quote is only around a whole field, and doubled inside of it"}};
  if (!std::exchange(begun_, true) && is_header(*fields))
    return next(row);
  auto made = item_from(*std::move(fields));
  if (!made)
    return {met::bad_row, made.error()};
  row = *std::move(made);
  return {};
}

} // namespace lodge::cli
