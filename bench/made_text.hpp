#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace lodge::bench {

/// Texts of words that are drawn as often as words are in texts: the word of rank r with a probability that falls with
/// 1 / r (Zipf's law), out of 50,000. The most frequent word is in 4 of 5 rows.
class made_text {
public:
  static constexpr std::size_t vocabulary = 50'000;
  static constexpr std::size_t words_a_row = 20;
  static constexpr std::uint64_t seed = 20'240'604;

  made_text();

  /// The next row's text.
  std::string next();
  static std::string word(std::size_t rank) { return std::string{"word"}.append(std::to_string(rank)); }

private:
  std::mt19937_64 random_{seed};
  /// How likely a word of that rank or a lower one is.
  std::vector<double> up_to_;
};

} // namespace lodge::bench
