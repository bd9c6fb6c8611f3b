#include "index/label_set.hpp"

namespace lodge::index {

bool label_set::insert(std::uint64_t label) {
  if (contains(label))
    return false;
  cover(label / chapter_labels);
  auto& shared_pages = chapters_[label / chapter_labels - first_chapter_];
  auto pages = shared_pages ? std::make_shared<chapter>(*shared_pages) : std::make_shared<chapter>();
  auto& shared_words = (*pages)[label / page_labels % pages_a_chapter];
  auto words = shared_words ? std::make_shared<page>(*shared_words) : std::make_shared<page>();
  (*words)[label / 64 % words_a_page] |= std::uint64_t{1} << (label % 64);
  shared_words = std::move(words);
  shared_pages = std::move(pages);
  ++size_;
  return true;
}

void label_set::cover(std::uint64_t place) {
  if (chapters_.empty())
    first_chapter_ = place;
  if (place < first_chapter_) {
    chapters_.insert(chapters_.begin(), first_chapter_ - place, nullptr);
    first_chapter_ = place;
  }
  if (place - first_chapter_ >= chapters_.size())
    chapters_.resize(place - first_chapter_ + 1);
}

} // namespace lodge::index
