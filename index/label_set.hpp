#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace lodge::index {

/// A set of labels that copies in O(1) for practical sizes and shares all that did not change.
///
/// **Operation**: bits in pages of 32,768 labels, pages in chapters of 64 pages. `insert` copies one page and
/// one chapter; a copy of the set copies one pointer for each 2 million labels of the range in use.
/// **Concurrency**: a value; copies may be read on any thread.
class label_set {
public:
  /// Whether the label was not there before.
  bool insert(std::uint64_t label);

  bool contains(std::uint64_t label) const {
    const auto place = label / chapter_labels;
    if (place < first_chapter_ || place - first_chapter_ >= chapters_.size())
      return false;
    const auto& pages = chapters_[place - first_chapter_];
    if (!pages)
      return false;
    const auto& words = (*pages)[label / page_labels % pages_a_chapter];
    return words && ((*words)[label / 64 % words_a_page] >> (label % 64) & 1) != 0;
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

  /// Makes room for the chapter at a place.
  void cover(std::uint64_t place);

  std::vector<std::shared_ptr<const chapter>> chapters_;
  std::uint64_t first_chapter_ = 0;
  std::size_t size_ = 0;
};

} // namespace lodge::index
