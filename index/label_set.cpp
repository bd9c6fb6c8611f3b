#include "index/label_set.hpp"

namespace lodge::index {

bool label_set::insert(std::uint64_t label) {
  if (contains(label))
    return false;
  insert(std::span{&label, 1});
  return true;
}

void label_set::insert(std::span<const std::uint64_t> labels) {
  while (!labels.empty()) {
    const auto number = labels.front() / page_labels;
    const auto end = std::ranges::find_if(labels, [&](std::uint64_t label) { return label / page_labels != number; });
    const auto of_page = labels.first(static_cast<std::size_t>(end - labels.begin()));
    cover(number / pages_a_chapter);
    auto& shared_pages = chapters_[number / pages_a_chapter - first_chapter_];
    auto pages = shared_pages ? std::make_shared<chapter>(*shared_pages) : std::make_shared<chapter>();
    auto& shared_words = (*pages)[number % pages_a_chapter];
    auto words = shared_words ? std::make_shared<page>(*shared_words) : std::make_shared<page>();
    for (const auto label : of_page) {
      auto& word = (*words)[label / 64 % words_a_page];
      const auto bit = std::uint64_t{1} << (label % 64);
      size_ += (word & bit) == 0 ? 1 : 0;
      word |= bit;
    }
    shared_words = std::move(words);
    shared_pages = std::move(pages);
    labels = labels.subspan(of_page.size());
  }
}

std::size_t label_set::count(std::uint64_t first, std::uint64_t last) const {
  std::size_t counted = 0;
  visit_words(first, last, [&](std::uint64_t, std::uint64_t word) {
    counted += static_cast<std::size_t>(std::popcount(word));
    return true;
  });
  return counted;
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
