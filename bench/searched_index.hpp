#pragma once

#include "bench/clients.hpp"
#include "bench/run_options.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge::bench {

/// The efs that are tried: steps of a factor of 1.4.
inline constexpr std::array<std::size_t, 16> efs{10,  14,  20,  28,  40,  56,  80,    112,
                                                 160, 224, 320, 448, 640, 896, 1'280, 1'792};

/// A contestant's index, open and as fast as it gets, with all ways to ask it; what it finds at each ef.
class searched_index {
public:
  searched_index(const competitor& who, const run_options& options, const dataset& data,
                 const std::vector<neighbours>& truth);

  const std::string& name() const { return name_; }
  const std::vector<way>& ways() const { return ways_; }

  /// The recall at an ef, asked in the first way or another.
  double recall_at(std::size_t ef) { return recall_at(ef, ways_.front()); }
  double recall_at(std::size_t ef, const way& how);
  /// The least ef that reaches a recall, if recall grows with ef; none within the efs that are tried.
  std::optional<std::size_t> least_ef(double wanted);
  /// Queries a second of some clients, and the latencies of their calls.
  pace run(std::size_t ef, const way& how, unsigned clients, seconds time);

private:
  std::string name_;
  std::unique_ptr<contestant> index_;
  std::vector<way> ways_;
  const dataset& data_;
  const std::vector<neighbours>& truth_;
};

} // namespace lodge::bench
