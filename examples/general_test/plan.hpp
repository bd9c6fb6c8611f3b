#pragma once

#include <lodge/database.hpp>

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

/// What all processes of the test agree on.
namespace general_test {

inline constexpr std::uint32_t dimension = 16;
inline constexpr auto collection_name = "things";
inline constexpr std::size_t keys = 500;
inline constexpr std::size_t queries = 50;

struct plan {
  std::string path;
  double seconds = 5;
  unsigned processes = 6;
  std::uint32_t seed = 1;

  std::string journal_of(unsigned process) const { return path + ".journal-" + std::to_string(process); }
  std::string state_of(unsigned process) const { return path + ".state-" + std::to_string(process); }
};

/// An item's metadata is the number that its vector is made of.
inline std::vector<float> vector_of(std::uint32_t number) {
  std::mt19937 random{number};
  std::normal_distribution<float> normal;
  std::vector<float> made(dimension);
  for (auto& value : made)
    value = normal(random);
  return made;
}

/// The queries that every process answers at the end.
inline std::vector<float> query_of(std::size_t number) { return vector_of(static_cast<std::uint32_t>(number)); }

/// The system's monotonic clock, which is the same in all processes.
inline std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
    .count();
}

inline lodge::result<lodge::collection> open_things(lodge::database& db) {
  return db.collection(collection_name, {.dimension = dimension, .metric = lodge::metric::l2});
}

} // namespace general_test
