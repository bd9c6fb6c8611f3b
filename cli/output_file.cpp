#include "cli/output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace lodge::cli {

namespace {

error failure_of(const std::string& path) {
  const auto number = errno;
  return {number == ENOSPC                        ? errc::disk_full
            : number == EACCES || number == EROFS ? errc::permission_denied
            : number == EEXIST                    ? errc::file_exists
                                                  : errc::io_error,
          path + " cannot be written: " + std::strerror(number)};
}

result<void> check_place(const std::string& path, bool overwrite) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed))
    return {};
  if (!overwrite)
    return error{errc::file_exists, path + " is there already; to write over it, give --force"};
  if (!std::filesystem::is_regular_file(path, failed))
    return error{errc::invalid_argument, path + " is no regular file"};
  return {};
}

} // namespace

result<output_file> output_file::open(const std::string& path, bool overwrite, bool sought) {
  output_file made;
  made.path_ = path;
  made.overwrite_ = overwrite;
  if (path == "-" && !sought)
    return made;
  if (path == "-") {
    made.temporary_ = (std::filesystem::temp_directory_path() / "lodge-export").string();
  } else {
    if (auto free = check_place(path, overwrite); !free)
      return free.error();
    made.temporary_ = path;
  }
  made.temporary_ += ".part-" + std::to_string(getpid());
  made.file_ =
    std::make_unique<std::fstream>(made.temporary_, std::ios::in | std::ios::out | std::ios::trunc | std::ios::binary);
  if (!*made.file_) {
    auto why = failure_of(path);
    made.file_.reset();
    return why;
  }
  return made;
}

output_file::~output_file() {
  if (file_)
    std::remove(temporary_.c_str());
}

std::ostream& output_file::stream() {
  if (file_)
    return *file_;
  return std::cout;
}

result<void> output_file::write_out() {
  errno = 0;
  if (!stream().flush())
    return failure_of(path_ == "-" ? "standard output" : path_);
  return {};
}

result<void> output_file::finish() {
  if (auto written = write_out(); !written)
    return written;
  if (path_ == "-")
    return finish_standard_output();
  // Without leave to overwrite, also a file that appeared meanwhile stays.
  if (renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), overwrite_ ? 0 : RENAME_NOREPLACE) != 0)
    return failure_of(path_);
  file_.reset();
  return {};
}

result<void> output_file::finish_standard_output() {
  if (file_) {
    file_->seekg(0);
    std::cout << file_->rdbuf();
    if (!std::cout.flush())
      return failure_of("standard output");
  }
  return {};
}

} // namespace lodge::cli
