#pragma once

#include "index/row_block.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace lodge::index {

/// Rows in the order of their labels, cut into pages that may belong to several of these: a segment that has grown
/// shares all but the last page with the one that it grew from.
///
/// **Concurrency**: immutable.
class row_pages {
public:
  /// All pages but the last have the same number of rows, a power of two; the last has at most that, unless it is the
  /// only one.
  explicit row_pages(std::vector<row_range> pages);

  std::size_t size() const { return size_; }
  const vector_layout& layout() const { return layout_; }

  const std::byte* vector(std::size_t row) const { return places_[row >> shift_].vectors + (row & mask_) * row_bytes_; }
  std::uint64_t label(std::size_t row) const { return places_[row >> shift_].labels[row & mask_]; }
  std::string_view key(std::size_t row) const {
    const auto& page = pages_[row >> shift_];
    return page.block->key(page.first + (row & mask_));
  }

  /// The first row whose label is not below `label`; `size()` if there is none.
  std::size_t lower_bound(std::uint64_t label) const;
  bool contains(std::uint64_t label) const;

  const std::vector<row_range>& pages() const { return pages_; }

private:
  struct place {
    const std::byte* vectors;
    const std::uint64_t* labels;
  };

  std::vector<row_range> pages_;
  /// What searches need of each page, close together.
  std::vector<place> places_;
  vector_layout layout_;
  std::size_t row_bytes_ = 0;
  std::size_t size_ = 0;
  unsigned shift_ = 0;
  std::size_t mask_ = 0;
};

using row_pages_ptr = std::shared_ptr<const row_pages>;

/// Makes `row_pages`, row by row or by whole pages.
class row_pages_writer {
public:
  /// Rows of a full page: a power of two, about 2 MiB of vectors.
  static std::size_t rows_a_page(const vector_layout& layout);

  /// @param expected How many rows there will be at most, so that a few need no whole page.
  row_pages_writer(const vector_layout& layout, std::size_t expected);
  /// Begins with rows that are there, without copying any but those of the last page.
  row_pages_writer(const row_pages& present, std::size_t expected);

  void append(std::uint64_t label, std::string_view key, const std::byte* vector);
  /// The next row's place, to be filled before `append_filled` makes it a row.
  std::span<std::byte> next_vector() { return open_page().next_vector(); }
  void append_filled(std::uint64_t label, std::string_view key);
  /// Whether the next row begins a page, so that a full one can be shared.
  bool at_page() const { return size_ % page_ == 0; }
  /// Adds a page of others as it is.
  void share(const row_range& full_page);

  std::size_t size() const { return size_; }
  std::size_t page() const { return page_; }

  /// All rows. The writer is empty then.
  row_pages_ptr take();

private:
  row_block& open_page();

  vector_layout layout_;
  std::size_t page_;
  std::size_t expected_;
  std::size_t size_ = 0;
  std::vector<row_range> pages_;
  /// The block of the last page while it is being filled.
  std::shared_ptr<row_block> open_;
};

} // namespace lodge::index
