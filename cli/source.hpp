#pragma once

#include "cli/formats/row_reader.hpp"
#include "cli/input_buffer.hpp"

#include <istream>
#include <memory>
#include <optional>
#include <string>

namespace lodge::cli {

enum class format : std::uint8_t { fvecs, npy, jsonl, csv };

/// By name ("fvecs") or by the ending of a path ("words.fvecs").
std::optional<format> format_named(const std::string& name);
result<format> format_of(const std::string& path, const std::string& named);

/// Where rows come from.
struct source_options {
  /// "-" for standard input.
  std::string path;
  /// Empty: by the path's ending.
  std::string format_name = {};
  /// Text file with a key a line, for formats without keys; empty for none.
  std::string keys = {};
  /// Decimal numbers as keys, for formats without keys; the first.
  std::optional<std::uint64_t> first_number = {};
  /// Vectors alone are enough.
  bool without_keys = false;
};

/// A file of items or vectors that is being read.
class source {
public:
  /// @param stop Ends the reading early; null for nothing.
  static result<source> open(const source_options& options, const interruption* stop);

  /// The next row, as row_reader says; a failing file is `broken`.
  reading next(item& row);
  /// "words.csv, line 3", for a number that `number` gave.
  std::string place(std::uint64_t number) const;
  std::uint64_t number() const { return rows_->number(); }
  std::uint64_t bytes_read() const { return buffer_->bytes_read(); }

private:
  source() = default;

  std::string name_;
  std::unique_ptr<input_buffer> buffer_;
  std::unique_ptr<std::istream> stream_;
  std::unique_ptr<input_buffer> keys_buffer_;
  std::unique_ptr<std::istream> keys_stream_;
  std::unique_ptr<row_reader> rows_;
};

/// The bytes of a regular file; nothing for pipes and what cannot be read.
std::optional<std::uint64_t> size_of_file(const std::string& path);

} // namespace lodge::cli
