#pragma once

#include <lodge/options.hpp>

#include "actors/compaction_threshold.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace lodge {

/// When a collection is to grow by itself. Each wish is told once: again only after what it asked for was done.
class growth_rules {
public:
  growth_rules() = default;
  explicit growth_rules(const auto_compaction& when) : when_(when) { when_.idle = std::min(when.idle, no_timeout); }

  std::chrono::milliseconds idle() const { return when_.idle; }

  /// How far the file's base is behind.
  void read(const storage::base_distance& distance) { distance_ = distance; }
  const storage::base_distance& distance() const { return distance_; }

  /// Whether a base is to be published now.
  bool base_is_due() { return reaches(distance_, when_) && ask_for_base(); }
  /// Whether a pause without changes, from now on, is to be waited for.
  bool idle_is_due() {
    if (idle_planned_ || asked_after_ == distance_.version || !is_worth_a_base())
      return false;
    idle_planned_ = true;
    return true;
  }
  /// Whether a base is to be published now that the pause is over which began at `number`.
  bool idle_is_over(std::uint64_t number) {
    idle_planned_ = false;
    return distance_.counted_to == number && is_worth_a_base() && ask_for_base();
  }
  /// Whether the graph is to grow over these rows in memory.
  bool growth_is_due(std::size_t rows_outside) {
    if (when_.changes == 0 || when_.growth == 0 || growth_asked_ || rows_outside < when_.growth)
      return false;
    growth_asked_ = true;
    return true;
  }

  void has_grown() { growth_asked_ = false; }
  /// Nobody knows of what was asked for.
  void forget() {
    asked_after_ = UINT64_MAX;
    growth_asked_ = false;
  }

private:
  bool is_worth_a_base() const {
    return when_.changes > 0 && when_.idle.count() > 0 && reaches(distance_, idle_threshold);
  }
  bool ask_for_base() {
    if (asked_after_ == distance_.version)
      return false;
    asked_after_ = distance_.version;
    return true;
  }

  auto_compaction when_;
  storage::base_distance distance_;
  /// The base version after which a base was asked for.
  std::uint64_t asked_after_ = UINT64_MAX;
  bool growth_asked_ = false;
  bool idle_planned_ = false;
};

} // namespace lodge
