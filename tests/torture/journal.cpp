#include "tests/torture/journal.hpp"

#include "tests/torture/outcry.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace lodge::torture {

namespace {

using slot = std::array<char, 64>;

} // namespace

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
    .count();
}

journal::journal(const std::string& path)
  : descriptor_(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0)
    cry_out("the journal cannot be opened");
}

journal::~journal() { close(descriptor_); }

void journal::note(const entry& what) const {
  slot bytes{};
  std::memcpy(bytes.data(), &what, sizeof what);
  if (write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    cry_out("the journal cannot be written");
}

std::size_t entries_in(const std::string& path) {
  std::error_code is_absent;
  const auto bytes = std::filesystem::file_size(path, is_absent);
  return is_absent ? 0 : static_cast<std::size_t>(bytes) / sizeof(slot);
}

std::vector<entry> read_journal(const std::string& path, std::size_t first) {
  std::ifstream in{path, std::ios::binary};
  in.seekg(static_cast<std::streamoff>(first * sizeof(slot)));
  std::vector<entry> records;
  for (slot bytes{}; in.read(bytes.data(), bytes.size());) {
    entry next;
    std::memcpy(&next, bytes.data(), sizeof next);
    records.push_back(next);
  }
  return records;
}

} // namespace lodge::torture
