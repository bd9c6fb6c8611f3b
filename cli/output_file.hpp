#pragma once

#include <lodge/error.hpp>

#include <fstream>
#include <memory>
#include <string>

namespace lodge::cli {

/// A file that appears whole or not at all: it is written under a temporary name beside its own, and renamed at the
/// end. "-" is standard output, written as it comes.
class output_file {
public:
  /// errc::file_exists if something is at the path and `overwrite` is false.
  ///
  /// @param sought Whether the stream is to be sought; standard output then gets all of it at the end.
  static result<output_file> open(const std::string& path, bool overwrite, bool sought);
  output_file(output_file&&) noexcept = default;
  output_file& operator=(output_file&&) = delete;
  /// Takes away what was not finished.
  ~output_file();

  std::ostream& stream();
  /// Writes all out; what can fail for want of space has then been done.
  result<void> write_out();
  /// Writes all out and gives the file its name.
  result<void> finish();

private:
  output_file() = default;
  result<void> finish_standard_output();

  std::string path_;
  std::string temporary_;
  bool overwrite_ = false;
  /// Null for standard output as it comes, and for what was moved from.
  std::unique_ptr<std::fstream> file_;
};

} // namespace lodge::cli
