#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace lodge::index {

/// A set of labels that copies in O(1) for practical sizes and shares all that did not change.
///
/// **Operation**: bits in pages of 32,768 labels, pages in chapters of 64 pages. `insert` copies the pages that it
/// touches and their chapters; a copy of the set copies one pointer for each 2 million labels of the range in use.
/// **Concurrency**: a value; copies may be read on any thread.
class label_set {
public:
  /// Whether the label was not there before.
  bool insert(std::uint64_t label);
  /// The same for many: each page is copied once for all of its labels that follow each other.
  void insert(std::span<const std::uint64_t> labels);

  bool contains(std::uint64_t label) const {
    const auto* const words = words_of(label / page_labels);
    return words != nullptr && ((*words)[label / 64 % words_a_page] >> (label % 64) & 1) != 0;
  }

  /// How many labels there are from `first` to `last`, both included.
  std::size_t count(std::uint64_t first, std::uint64_t last) const;

  /// Calls `function` with each label from `first` to `last`, ascending, until it returns false.
  template <class Function>
  void visit(std::uint64_t first, std::uint64_t last, Function function) const {
    visit_words(first, last, [&](std::uint64_t from, std::uint64_t word) {
      for (; word != 0; word &= word - 1)
        if (!function(from + static_cast<std::uint64_t>(std::countr_zero(word))))
          return false;
      return true;
    });
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

private:
  static constexpr std::uint64_t page_labels = 32'768;
  static constexpr std::uint64_t pages_a_chapter = 64;
  static constexpr std::uint64_t chapter_labels = page_labels * pages_a_chapter;
  static constexpr std::uint64_t words_a_page = page_labels / 64;

  using page = std::array<std::uint64_t, words_a_page>;
  using chapter = std::array<std::shared_ptr<const page>, pages_a_chapter>;

  /// The page of this number, null if it is empty.
  const page* words_of(std::uint64_t number) const {
    const auto place = number / pages_a_chapter;
    if (place < first_chapter_ || place - first_chapter_ >= chapters_.size())
      return nullptr;
    const auto& pages = chapters_[place - first_chapter_];
    return pages ? (*pages)[number % pages_a_chapter].get() : nullptr;
  }

  /// Calls `function` with each word that has labels from `first` to `last`, others masked, and its first label; until
  /// it returns false.
  template <class Function>
  void visit_words(std::uint64_t first, std::uint64_t last, Function function) const {
    for (auto number = first / page_labels; number <= last / page_labels; ++number) {
      const auto* const words = words_of(number);
      if (words == nullptr)
        continue;
      const auto from = std::max(first, number * page_labels);
      const auto to = std::min(last, number * page_labels + page_labels - 1);
      for (auto at = from / 64; at <= to / 64; ++at) {
        auto word = (*words)[at % words_a_page];
        if (at == from / 64)
          word &= ~std::uint64_t{0} << (from % 64);
        if (at == to / 64)
          word &= ~std::uint64_t{0} >> (63 - to % 64);
        if (word != 0 && !function(at * 64, word))
          return;
      }
    }
  }

  /// Makes room for the chapter at a place.
  void cover(std::uint64_t place);

  std::vector<std::shared_ptr<const chapter>> chapters_;
  std::uint64_t first_chapter_ = 0;
  std::size_t size_ = 0;
};

} // namespace lodge::index
