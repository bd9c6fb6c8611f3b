#pragma once

#include <boost/test/unit_test.hpp>

#include <lodge/error.hpp>

#include <filesystem>
#include <ostream>
#include <stdlib.h>
#include <string>

namespace lodge::test {

/// A directory that is gone with the test.
class scratch_directory {
public:
  explicit scratch_directory(const std::filesystem::path& within = std::filesystem::temp_directory_path()) {
    auto name = (within / "lodge-test-XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  ~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string file(const std::string& name = "test.lodge") const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// The value, or a test failure that says the error.
template <class Result>
auto must(Result result) {
  BOOST_REQUIRE_MESSAGE(result.has_value(), (result ? std::string{} : lodge::to_string(result.error())));
  return *std::move(result);
}

/// The same for results without a value.
inline void must_do(const lodge::result<void>& result) {
  BOOST_REQUIRE_MESSAGE(result.has_value(), (result ? std::string{} : lodge::to_string(result.error())));
}

/// The error's code; none if there was a value.
template <class Result>
lodge::errc code_of(const Result& result) {
  return result ? lodge::errc::none : result.error().code;
}

} // namespace lodge::test

namespace lodge {
inline std::ostream& operator<<(std::ostream& out, errc code) { return out << to_string(code); }
} // namespace lodge
