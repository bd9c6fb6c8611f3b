#include "cli/source.hpp"

#include "cli/formats/csv.hpp"
#include "cli/formats/fvecs.hpp"
#include "cli/formats/jsonl.hpp"
#include "cli/formats/keyed.hpp"
#include "cli/formats/npy.hpp"
#include "cli/text.hpp"

#include <array>
#include <filesystem>
#include <fstream>

namespace lodge::cli {

namespace {

struct named_format {
  const char* name;
  format what;
};
constexpr std::array<named_format, 4> formats{
  {{"fvecs", format::fvecs}, {"npy", format::npy}, {"jsonl", format::jsonl}, {"csv", format::csv}}};

std::unique_ptr<row_reader> reader_of(format what, std::istream& in) {
  switch (what) {
  case format::fvecs: return std::make_unique<fvecs_reader>(in);
  case format::npy: return std::make_unique<npy_reader>(in);
  case format::jsonl: return std::make_unique<jsonl_reader>(in);
  case format::csv: return std::make_unique<csv_reader>(in);
  }
  return nullptr;
}

/// The rows that a regular file of vectors ought to have; nothing if it cannot be told, and the reader will say why.
std::optional<std::uint64_t> expected_rows(format what, const std::string& path) {
  const auto bytes = size_of_file(path);
  std::ifstream in{path, std::ios::binary};
  if (!bytes || !in)
    return std::nullopt;
  if (what == format::npy) {
    const auto header = read_npy_header(in);
    return header ? std::optional{header->rows} : std::nullopt;
  }
  std::int32_t dimension = 0;
  if (!in.read(reinterpret_cast<char*>(&dimension), sizeof dimension) || dimension < 1)
    return std::nullopt;
  return *bytes / ((static_cast<std::uint64_t>(dimension) + 1) * sizeof(float));
}

/// Before a row is stored: keys that belong to other vectors would be found out only at the end.
result<void> check_counts(format what, const source_options& options) {
  const auto rows = expected_rows(what, options.path);
  if (!rows || !size_of_file(options.keys))
    return {};
  std::ifstream in{options.keys, std::ios::binary};
  line_reader lines{in};
  std::uint64_t keys = 0;
  for (std::string line; lines.next(line);)
    ++keys;
  if (keys == *rows)
    return {};
  return error{errc::invalid_argument,
               options.keys + " has " + counted(keys, "key", "keys") + ", " + options.path + " has "
                 + counted(*rows, "vector", "vectors")};
}

} // namespace

std::optional<format> format_named(const std::string& name) {
  for (const auto& known : formats)
    if (name == known.name)
      return known.what;
  return std::nullopt;
}

result<format> format_of(const std::string& path, const std::string& named) {
  if (!named.empty()) {
    if (const auto known = format_named(named))
      return *known;
    return error{errc::invalid_argument, "there is no format '" + named + "', known are fvecs, npy, jsonl and csv"};
  }
  const auto extension = std::filesystem::path{path}.extension().string();
  if (const auto known = extension.empty() ? std::nullopt : format_named(extension.substr(1)))
    return *known;
  return error{errc::invalid_argument,
               (path == "-" ? "standard input" : path)
                 + " has no ending that says its format: give --format fvecs, npy, jsonl or csv"};
}

std::optional<std::uint64_t> size_of_file(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed) || failed)
    return std::nullopt;
  const auto bytes = std::filesystem::file_size(path, failed);
  return failed ? std::nullopt : std::optional<std::uint64_t>{bytes};
}

result<source> source::open(const source_options& options, const interruption* stop) {
  const auto what = format_of(options.path, options.format_name);
  if (!what)
    return what.error();
  const auto lacks_keys = *what == format::fvecs || *what == format::npy;
  if (!lacks_keys && !options.keys.empty())
    return error{errc::invalid_argument, options.path + " has keys of its own, --keys is for .fvecs and .npy"};
  source opened;
  opened.name_ = options.path == "-" ? "standard input" : options.path;
  opened.buffer_ = std::make_unique<input_buffer>(options.path, stop);
  if (opened.buffer_->failure())
    return opened.buffer_->failure();
  opened.stream_ = std::make_unique<std::istream>(opened.buffer_.get());
  opened.rows_ = reader_of(*what, *opened.stream_);
  if (!lacks_keys || options.without_keys)
    return opened;
  if (options.first_number) {
    opened.rows_ = std::make_unique<keys_from_numbers>(std::move(opened.rows_), *options.first_number);
    return opened;
  }
  if (options.keys.empty())
    return error{errc::invalid_argument,
                 opened.name_ + " holds vectors without keys: give --keys FILE with a key a line, or --number"};
  if (auto fits = check_counts(*what, options); !fits)
    return fits.error();
  opened.keys_buffer_ = std::make_unique<input_buffer>(options.keys, stop);
  if (opened.keys_buffer_->failure())
    return opened.keys_buffer_->failure();
  opened.keys_stream_ = std::make_unique<std::istream>(opened.keys_buffer_.get());
  opened.rows_ = std::make_unique<keys_from_lines>(std::move(opened.rows_), *opened.keys_stream_, options.keys);
  return opened;
}

reading source::next(item& row) {
  auto read = rows_->next(row);
  if (buffer_->failure())
    return {met::broken, buffer_->failure()};
  if (keys_buffer_ && keys_buffer_->failure())
    return {met::broken, keys_buffer_->failure()};
  return read;
}

std::string source::place(std::uint64_t number) const {
  return name_ + ", " + std::string{rows_->unit()} + " " + with_separators(number);
}

} // namespace lodge::cli
