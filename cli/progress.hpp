#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace lodge::cli {

/// A line on standard error that is drawn anew while work goes on, if a terminal watches; else only its end.
class progress {
public:
  explicit progress(std::string what);
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  /// Leaves no half line.
  ~progress() { clear(); }

  /// Draws a bar with rate and time left, some ten times a second at most.
  ///
  /// @param fraction Of the work, 0 to 1; nothing if it is not known.
  void show(std::uint64_t rows, std::optional<double> fraction);
  /// Draws a state in words.
  void show(const std::string& state);
  /// Takes the line away, before something else is written.
  void clear();
  /// Writes the last line: "imported words: 10,000 rows in 0.45 s".
  void finish(const std::string& text);
  double seconds() const;

private:
  using clock = std::chrono::steady_clock;
  bool is_time_to_draw();

  std::string what_;
  bool watched_;
  bool drawn_ = false;
  clock::time_point start_ = clock::now();
  clock::time_point last_{};
};

} // namespace lodge::cli
