#include "bench/made_text.hpp"

#include <algorithm>
#include <numeric>

namespace lodge::bench {

made_text::made_text() : up_to_(vocabulary) {
  for (std::size_t i = 0; i < vocabulary; ++i)
    up_to_[i] = 1.0 / static_cast<double>(i + 1);
  std::partial_sum(up_to_.begin(), up_to_.end(), up_to_.begin());
}

std::string made_text::next() {
  std::uniform_real_distribution<double> place{0, up_to_.back()};
  std::string text;
  for (std::size_t i = 0; i < words_a_row; ++i) {
    const auto found = std::ranges::lower_bound(up_to_, place(random_));
    text.append(text.empty() ? "" : " ").append(word(static_cast<std::size_t>(found - up_to_.begin()) + 1));
  }
  return text;
}

} // namespace lodge::bench
