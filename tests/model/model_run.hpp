#pragma once

#include "tests/model/front_end.hpp"
#include "tests/model/tracked_collection.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace lodge::test {

/// A seeded random walk through what a client can do, each answer compared with what it should be.
///
/// **Operation**: `run` throws a `difference`, with the seed and the step, at the first answer that is wrong.
class model_run {
public:
  struct difference : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  model_run(std::uint32_t seed, std::unique_ptr<front_end> engine);

  void run(std::uint64_t steps);

  /// Of the true neighbours, those that the approximate searches found.
  double recall() const { return wanted_ == 0 ? 1 : static_cast<double>(found_) / static_cast<double>(wanted_); }
  std::uint64_t compactions() const { return compactions_; }

private:
  void step();
  void write_some();
  void search(bool exact);
  void search_among(bool exact);
  void count();
  void read_one();
  void read_page();
  void check_figures();
  void compact();
  void replace_collection();
  void reopen();
  void compare_everything();

  write random_write(std::vector<std::string>& touched);
  item random_item();
  std::string random_key();
  std::string some_metadata();
  std::vector<float> random_vector();
  std::vector<float> random_query();
  void create(const std::string& name);
  bool one_in(std::uint32_t n) { return random_() % n == 0; }
  /// Fails the run if there is a sentence.
  void require(const std::string& doing, const std::string& wrong) const;

  std::uint32_t seed_;
  std::mt19937 random_;
  std::unique_ptr<front_end> engine_;
  std::map<std::string, tracked_collection> collections_;
  /// The one that the present step is about.
  tracked_collection* now_ = nullptr;
  std::uint64_t step_ = 0;
  std::uint64_t found_ = 0;
  std::uint64_t wanted_ = 0;
  std::uint64_t compactions_ = 0;
};

} // namespace lodge::test
