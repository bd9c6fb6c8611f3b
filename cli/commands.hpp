#pragma once

#include <lodge/error.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// The commands of the tool: what each is given, and its exit code.
namespace lodge::cli {

inline constexpr int succeeded = 0;
/// The command ran, and the answer is no: `check` found damage.
inline constexpr int found_wrong = 1;
inline constexpr int failed = 2;

struct import_options {
  std::string file;
  std::string collection;
  std::string vectors;
  std::string keys;
  std::string metric = "cosine";
  std::uint64_t batch = 1'000;
  bool compact = false;
};
int import(const import_options& options);

struct search_options {
  std::string file;
  std::string collection;
  std::vector<std::string> like;
  std::vector<float> vector;
  std::int64_t k = 10;
  std::uint32_t ef = 100;
  bool exact = false;
};
int search(const search_options& options);

struct collection_choice {
  std::string file;
  /// Empty for all.
  std::string collection;
};
int stats(const collection_choice& options);
int compact(const collection_choice& options);
int check(const std::string& file);

/// Says the error on standard error. @returns `failed`.
int report(const error& failure);

} // namespace lodge::cli
