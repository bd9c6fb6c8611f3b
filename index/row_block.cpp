#include "index/row_block.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace lodge::index {

namespace {
constexpr std::size_t key_page_bytes = 1 << 16;
}

row_block::row_block(const vector_layout& layout, std::size_t capacity)
  : layout_(layout),
    row_bytes_(layout.row_bytes()),
    capacity_(capacity),
    vectors_(std::make_unique_for_overwrite<std::byte[]>(row_bytes_ * capacity)),
    labels_(std::make_unique_for_overwrite<std::uint64_t[]>(capacity)),
    keys_(std::make_unique<std::string_view[]>(capacity)) {}

void row_block::append(std::uint64_t label, std::string_view key, std::span<const std::byte> vector) {
  assert(vector.size() == row_bytes_);
  std::ranges::copy(vector, next_vector().begin());
  append_filled(label, key);
}

void row_block::append_filled(std::uint64_t label, std::string_view key) {
  assert(!full());
  assert(size_ == 0 || labels_[size_ - 1] < label);
  labels_[size_] = label;
  keys_[size_] = keep(key);
  ++size_;
}

std::size_t row_block::lower_bound(std::uint64_t label, std::size_t count) const {
  return static_cast<std::size_t>(std::lower_bound(labels_.get(), labels_.get() + count, label) - labels_.get());
}

std::string_view row_block::keep(std::string_view key) {
  if (key.size() > page_left_) {
    // A small block of short keys needs no whole page.
    page_left_ = std::max(key.size(), std::min(key_page_bytes, (capacity_ - size_) * 32));
    key_pages_.push_back(std::make_unique_for_overwrite<char[]>(page_left_));
    next_key_ = key_pages_.back().get();
  }
  std::memcpy(next_key_, key.data(), key.size());
  const std::string_view kept{next_key_, key.size()};
  next_key_ += key.size();
  page_left_ -= key.size();
  return kept;
}

} // namespace lodge::index
