#include "cli/vector_file.hpp"

#include <filesystem>

namespace lodge::cli {

namespace {

constexpr std::int32_t largest_dimension = 65'536;

std::string count(std::uint64_t value) { return std::to_string(value); }

std::uint64_t lines_of(const std::string& name) {
  std::ifstream in{name};
  std::uint64_t lines = 0;
  for (std::string line; std::getline(in, line);)
    ++lines;
  return lines;
}

} // namespace

result<vector_file> vector_file::open(const std::string& vectors, const std::string& keys) {
  for (const auto& name : {vectors, keys})
    if (std::error_code ignored; !std::filesystem::is_regular_file(name, ignored))
      return error{errc::file_not_found, name + " is no file that can be read"};
  vector_file opened;
  opened.vectors_name_ = vectors;
  opened.keys_name_ = keys;
  opened.vectors_.open(vectors, std::ios::binary);
  if (!opened.vectors_)
    return error{errc::file_not_found, vectors + " cannot be read"};
  opened.keys_.open(keys);
  if (!opened.keys_)
    return error{errc::file_not_found, keys + " cannot be read"};
  std::int32_t dimension = 0;
  if (!opened.vectors_.read(reinterpret_cast<char*>(&dimension), sizeof dimension) || dimension < 1
      || dimension > largest_dimension)
    return error{errc::invalid_argument,
                 vectors + ": row 1 is to begin with its number of values, 1 to " + std::to_string(largest_dimension)
                   + ", got " + std::to_string(dimension)};
  opened.vectors_.seekg(0);
  opened.dimension_ = static_cast<std::uint32_t>(dimension);
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(vectors, ignored);
  opened.rows_ = ignored ? 0 : bytes / ((opened.dimension_ + 1) * sizeof(float));
  // Before a row is stored: keys that belong to other vectors would be found out only at the end.
  if (const auto lines = lines_of(keys); lines != opened.rows_)
    return error{errc::invalid_argument,
                 keys + " has " + count(lines) + " lines, " + vectors + " has " + count(opened.rows_) + " rows of "
                   + count(opened.dimension_) + " values"};
  return opened;
}

result<bool> vector_file::next(std::string& key, std::vector<float>& vector) {
  ++row_;
  std::int32_t dimension = 0;
  vectors_.read(reinterpret_cast<char*>(&dimension), sizeof dimension);
  const auto count_bytes = vectors_.gcount();
  const auto vector_ends = count_bytes == 0;
  const auto key_ends = !std::getline(keys_, key);
  if (vector_ends && key_ends)
    return false;
  if (vector_ends)
    return at_row(errc::invalid_argument,
                  keys_name_ + " has a key in line " + count(row_) + ", " + vectors_name_ + " ends after row "
                    + count(row_ - 1));
  if (key_ends)
    return at_row(errc::invalid_argument,
                  vectors_name_ + " has a row " + count(row_) + ", " + keys_name_ + " ends after line "
                    + count(row_ - 1));
  if (count_bytes < static_cast<std::streamsize>(sizeof dimension))
    return at_row(errc::invalid_argument,
                  "the row is cut short: got " + std::to_string(count_bytes) + " of the 4 bytes that count its values");
  if (dimension != static_cast<std::int32_t>(dimension_))
    return at_row(errc::dimension_mismatch,
                  "got " + std::to_string(dimension) + " values, row 1 has " + count(dimension_));
  vector.resize(dimension_);
  const auto bytes = static_cast<std::streamsize>(vector.size() * sizeof(float));
  if (!vectors_.read(reinterpret_cast<char*>(vector.data()), bytes))
    return at_row(errc::invalid_argument,
                  "the row is cut short: got " + std::to_string(vectors_.gcount()) + " of " + std::to_string(bytes)
                    + " bytes");
  if (!key.empty() && key.back() == '\r')
    key.pop_back();
  return true;
}

error vector_file::at_row(errc code, const std::string& what) const {
  return {code, vectors_name_ + ", row " + count(row_) + ": " + what};
}

} // namespace lodge::cli
