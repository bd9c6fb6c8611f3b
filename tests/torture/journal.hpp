#pragma once

#include <lodge/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lodge::torture {

/// What a client asked for, noted before the call and once more after its answer.
struct entry {
  enum class action : std::uint8_t { put, put_if, metadata, remove };
  enum class stage : std::uint8_t {
    asked,
    /// Acknowledged.
    done,
    /// Answered with an error that promises that nothing was done.
    refused,
    /// Answered with `outcome_unknown`.
    unknown,
  };

  std::uint64_t operation = 0;
  /// What the vectors are made of; another operation for `metadata`.
  std::uint64_t vector_of = 0;
  /// Of its last change; 0 unless acknowledged.
  std::uint64_t number = 0;
  /// How many changes it made.
  std::uint64_t changes = 0;
  /// `put_if`: the version that was to be replaced.
  std::uint64_t expected = 0;
  /// CLOCK_MONOTONIC, which is the same in all processes: before the call, and after it.
  std::int64_t at_ns = 0;
  std::uint32_t cell = 0;
  action what = action::put;
  stage how = stage::asked;
  errc why = errc::none;
};
// Entries of this size never cross a page, so that one is written whole or not at all, whenever its writer is killed.
static_assert(sizeof(entry) <= 64);

std::int64_t now_ns();

/// A file that a process appends to in all its lives, each entry by one `write`: from then on it is the kernel's.
class journal {
public:
  explicit journal(const std::string& path);
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;
  ~journal();

  void note(const entry& what) const;

private:
  int descriptor_;
};

/// How many entries are in it.
std::size_t entries_in(const std::string& path);
/// All entries from one on.
std::vector<entry> read_journal(const std::string& path, std::size_t first);

} // namespace lodge::torture
