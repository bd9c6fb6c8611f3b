#pragma once

#include "tests/torture/history.hpp"
#include "tests/torture/plan.hpp"
#include "tests/torture/points.hpp"
#include "tests/torture/process.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lodge::torture {

/// What was done, for the summary.
struct tally {
  unsigned rounds = 0;
  unsigned files = 0;
  unsigned random_kills = 0;
  unsigned stops = 0;
  std::map<std::string, unsigned> points;
  std::size_t acknowledged = 0;
  std::size_t unanswered = 0;
  std::map<std::string, std::size_t> refused;

  unsigned point_kills() const;
  unsigned kills() const { return random_kills + point_kills(); }
};

/// Starts the processes, strikes them, and compares.
///
/// **Operation**: rounds. In a round the processes write and are killed, stopped and started again; then all are ended,
/// some of them gracefully, and the file is read and compared with the journal. Some rounds begin with a new file.
/// **Concurrency**: one thread; see `process`.
class torment {
public:
  torment(const plan& what, std::string directory);

  /// Whether all was as it must be; what was not is said on standard error.
  bool run();
  const tally& done() const { return tally_; }

private:
  using clock = std::chrono::steady_clock;

  /// A process, and what awaits it.
  struct victim {
    process running;
    unsigned number = 0;
    std::string point;
    /// It is killed once its journal has so many entries, or at a time.
    std::size_t killed_with = 0;
    clock::time_point killed_at;
    clock::time_point stopped_at;
    clock::time_point continued_at;
    bool is_stopped = false;
  };

  /// Lets a process die while it creates a file, at one point after the other; the next one must make it whole.
  bool cut_births_short();
  bool cut_birth_short(const point& where);
  /// Reads the file at rest in a process of its own.
  bool read(const std::string& database);
  victim start(unsigned number);
  std::string choose_point();
  /// The next of a list that holds every moment of every statement once.
  point next_of(std::vector<point>& turns, const std::vector<std::string>& statements);
  void start_new_file();
  bool play_round();
  /// Whether the victim is as it must be.
  bool attend(victim& of);
  bool replace(victim& of, int status);
  bool end_all(std::vector<victim>& victims);
  bool compare();
  std::vector<entry> news();
  std::string journal(unsigned number) const { return journal_of(database_, number); }
  bool is_over() const;
  bool has_written() const;
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  plan plan_;
  std::string directory_;
  std::string database_;
  cell_list cells_;
  std::mt19937_64 random_;
  clock::time_point begun_;
  tally tally_;
  std::vector<point> points_of_life_;
  std::vector<point> points_of_birth_;
  std::map<unsigned, unsigned> lives_;
  std::unique_ptr<history> history_;
  /// Of each process.
  std::vector<std::size_t> entries_read_;
};

} // namespace lodge::torture
