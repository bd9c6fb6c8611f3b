#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

/// What all processes of the torture agree on.
namespace lodge::torture {

/// What is done to the processes, besides random operations.
struct faults {
  /// SIGKILL at random times.
  bool kill = true;
  /// SIGKILL by the victim itself at a named point, see `points.hpp`.
  bool points = true;
  /// SIGSTOP at random times, and SIGCONT later.
  bool stop = true;
};

struct plan {
  std::uint64_t seed = 1;
  /// It ends with the first bound that is reached; 0 is none.
  double seconds = 10;
  unsigned kills = 0;
  unsigned processes = 4;
  torture::faults faults = {};
  /// Where the database is made; a fresh directory if empty.
  std::string directory = {};
};

/// Nothing, after a line on standard error, if the options are not understood.
std::optional<plan> parse(const std::vector<std::string>& options);
/// The options that give this plan.
std::string to_options(const plan& what);

/// Threads of a process that call at the same time.
inline constexpr unsigned clients_a_process = 3;

/// A generator of its own for each use: parts are what tells the uses apart.
inline std::mt19937_64 generator(std::uint64_t seed, std::uint64_t first, std::uint64_t second = 0) {
  std::seed_seq parts{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                      static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(second)};
  return std::mt19937_64{parts};
}

inline std::string journal_of(const std::string& database, unsigned process) {
  return database + ".journal" + std::to_string(process);
}
inline std::string state_of(const std::string& database) { return database + ".state"; }

} // namespace lodge::torture
