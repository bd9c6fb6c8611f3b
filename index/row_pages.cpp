#include "index/row_pages.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace lodge::index {

namespace {

constexpr std::size_t page_bytes = 2 << 20;
constexpr std::size_t fewest_rows = 16;
constexpr std::size_t most_rows = 4'096;

} // namespace

row_pages::row_pages(std::vector<row_range> pages) : pages_(std::move(pages)) {
  for (const auto& page : pages_) {
    places_.push_back({page.block->vector(page.first), page.block->labels() + page.first});
    size_ += page.count;
  }
  if (pages_.empty())
    return;
  const auto length = std::bit_ceil(std::max(pages_.front().count, std::size_t{1}));
  assert(std::all_of(pages_.begin(), pages_.end() - 1, [&](const auto& x) { return x.count == length; }));
  layout_ = pages_.front().block->layout();
  row_bytes_ = layout_.row_bytes();
  shift_ = static_cast<unsigned>(std::countr_zero(length));
  mask_ = length - 1;
}

std::size_t row_pages::lower_bound(std::uint64_t label) const {
  const auto after =
    std::ranges::upper_bound(pages_, label, {}, [](const row_range& x) { return x.block->label(x.first); });
  if (after == pages_.begin())
    return 0;
  const auto& page = *std::prev(after);
  const auto row = std::max(page.block->lower_bound(label, page.first + page.count), page.first);
  return (static_cast<std::size_t>(after - pages_.begin() - 1) << shift_) + (row - page.first);
}

bool row_pages::contains(std::uint64_t wanted) const {
  const auto row = lower_bound(wanted);
  return row < size_ && label(row) == wanted;
}

std::size_t row_pages_writer::rows_a_page(const vector_layout& layout) {
  return std::clamp(std::bit_floor(page_bytes / layout.row_bytes()), fewest_rows, most_rows);
}

row_pages_writer::row_pages_writer(const vector_layout& layout, std::size_t expected)
  : layout_(layout), page_(rows_a_page(layout)), expected_(expected) {}

row_pages_writer::row_pages_writer(const row_pages& present, std::size_t expected)
  : row_pages_writer(present.layout(), expected) {
  for (const auto& page : present.pages()) {
    if (at_page() && page.count == page_)
      share(page);
    else
      for (auto row = page.first; row < page.first + page.count; ++row)
        append(page.block->label(row), page.block->key(row), page.block->vector(row));
  }
}

void row_pages_writer::append(std::uint64_t label, std::string_view key, const std::byte* vector) {
  std::ranges::copy_n(vector, static_cast<std::ptrdiff_t>(layout_.row_bytes()), next_vector().begin());
  append_filled(label, key);
}

void row_pages_writer::append_filled(std::uint64_t label, std::string_view key) {
  open_->append_filled(label, key);
  ++pages_.back().count;
  ++size_;
}

void row_pages_writer::share(const row_range& full_page) {
  assert(at_page() && full_page.count == page_);
  open_.reset();
  pages_.push_back(full_page);
  size_ += page_;
}

row_pages_ptr row_pages_writer::take() {
  open_.reset();
  size_ = 0;
  return std::make_shared<const row_pages>(std::exchange(pages_, {}));
}

row_block& row_pages_writer::open_page() {
  if (at_page() && (!open_ || open_->size() != 0)) {
    const auto left = expected_ > size_ ? expected_ - size_ : page_;
    open_ = std::make_shared<row_block>(layout_, std::min(page_, left));
    pages_.push_back({open_, 0, 0});
  }
  return *open_;
}

} // namespace lodge::index
