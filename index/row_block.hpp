#pragma once

#include "index/vector_layout.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace lodge::index {

/// Labels, keys and prepared vectors of up to `capacity` rows, in memory that never moves.
///
/// **Concurrency**: one owner appends. Whoever was told a count (by message) reads the rows below it while
/// the owner writes beyond it; nobody but the owner asks for `size()`.
class row_block {
public:
  row_block(const vector_layout& layout, std::size_t capacity);

  /// Adds a row. Labels ascend; `full()` is false; `vector` has the layout's bytes.
  void append(std::uint64_t label, std::string_view key, std::span<const std::byte> vector);

  /// The next row's place, to be filled before `append_filled` makes it a row.
  std::span<std::byte> next_vector() { return {vectors_.get() + size_ * row_bytes_, row_bytes_}; }
  void append_filled(std::uint64_t label, std::string_view key);

  const vector_layout& layout() const { return layout_; }
  std::size_t capacity() const { return capacity_; }
  std::size_t size() const { return size_; }
  bool full() const { return size_ == capacity_; }

  const std::byte* vector(std::size_t row) const { return vectors_.get() + row * row_bytes_; }
  const std::uint64_t* labels() const { return labels_.get(); }
  std::uint64_t label(std::size_t row) const { return labels_[row]; }
  std::string_view key(std::size_t row) const { return keys_[row]; }

  /// The first of the first `count` rows whose label is not below `label`; `count` if there is none.
  std::size_t lower_bound(std::uint64_t label, std::size_t count) const;

private:
  std::string_view keep(std::string_view key);

  vector_layout layout_;
  std::size_t row_bytes_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  std::unique_ptr<std::byte[]> vectors_;
  std::unique_ptr<std::uint64_t[]> labels_;
  std::unique_ptr<std::string_view[]> keys_;
  /// Key bytes, in pages that stay where they are; `keys_` points into them.
  std::vector<std::unique_ptr<char[]>> key_pages_;
  char* next_key_ = nullptr;
  std::size_t page_left_ = 0;
};

using row_block_ptr = std::shared_ptr<const row_block>;

/// Rows [first, first + count) of a block.
struct row_range {
  row_block_ptr block;
  std::size_t first = 0;
  std::size_t count = 0;
};

} // namespace lodge::index
