#pragma once

#include <lodge/types.hpp>

#include "index/graph.hpp"
#include "index/label_set.hpp"
#include "index/row_block.hpp"
#include "index/row_pages.hpp"
#include "index/vector_layout.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace lodge::index {

/// An immutable part of the index: rows in the order of their labels, and the graph over them.
struct segment {
  /// Of the stored form; 0 if the file does not have it.
  std::uint64_t id = 0;
  /// Never null; a row of these may be dead.
  row_pages_ptr rows;
  /// Null until it was read; the rows are scanned meanwhile.
  std::shared_ptr<const lodge::index::graph> graph;
};

/// What a search sees: which labels live after the first `number` changes, and where their vectors are.
///
/// **Concurrency**: immutable to whoever holds it; the holder writes only beyond the counts given here.
struct view {
  std::uint64_t number = 0;
  /// The segments hold every row up to this number that lives.
  std::uint64_t covers = 0;
  /// The version of the stored base that the segments are, or grew from; 0 for none.
  std::uint64_t base = 0;
  lodge::metric metric = metric::l2;
  std::size_t dimension = 0;
  vector_form form = vector_form::float32;
  /// The segments and how many of their rows live.
  struct part {
    segment rows;
    std::size_t living = 0;
  };
  std::vector<part> segments;
  /// Rows after the segments, in the order of their labels.
  std::vector<row_range> delta;
  label_set dead;
  /// Living rows in all.
  std::size_t living = 0;

  vector_layout layout() const { return {dimension, form}; }
};

using view_ptr = std::shared_ptr<const view>;

/// A row, dead or alive, as long as its view.
struct row_place {
  const row_block* block = nullptr;
  std::size_t row = 0;
};

/// Where a view has the row of a label, if it has.
std::optional<row_place> find(const view& where, std::uint64_t label);

} // namespace lodge::index
