#pragma once

#include <filesystem>
#include <string>

namespace lodge::bench {

/// An empty folder on the disk that is measured, gone with the object.
class scratch {
public:
  explicit scratch(const std::string& out) : directory_(out + "/scratch") {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { std::filesystem::remove_all(directory_); }
  std::string file() const { return (directory_ / "puts").string(); }

private:
  std::filesystem::path directory_;
};

} // namespace lodge::bench
