#pragma once

#include "index/grown_segments.hpp"
#include "index/kernels.hpp"
#include "index/vector_layout.hpp"

#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace lodge::index {

/// The death of a label, by the number of the change that killed it.
struct death {
  std::uint64_t number = 0;
  std::uint64_t label = 0;
};

/// All that a view is made of, as it was read from the file at one number.
struct loaded_rows {
  /// The change as of which everything here is right.
  std::uint64_t number = 0;
  /// The segments cover every change up to this one; 0 without segments.
  std::uint64_t covers = 0;
  /// The version of the base that the segments are.
  std::uint64_t base = 0;
  std::vector<segment> segments;
  /// Living rows above `covers`.
  std::vector<row_range> delta;
  /// Every death of a row in the segments; and every one above `covers`, also of rows that are in none of these: a
  /// base that was begun before the load, and is adopted after it, may hold them.
  std::vector<death> deaths;
};

/// Turns a prefix of the log into views: the one place where it is decided which labels live.
///
/// **Operation**: `load` once, then `put` and `bury` in the order of their numbers, and `seal` at each closing mark.
/// `adopt` swaps in a base at any time; what lives does not change by it.
/// **Concurrency**: one owner; the views that it gave out stay as they are.
class view_builder {
public:
  view_builder(lodge::metric metric, const vector_layout& layout);

  void load(loaded_rows rows);

  /// A new living row. `vector` is as the user gave it.
  void put(std::uint64_t label, std::string_view key, std::span<const float> vector);

  /// The row is dead from this change on. A label that has no vector is none of ours and passed over.
  void bury(death what);

  /// Every change up to `number` has been told.
  void seal(std::uint64_t number);

  /// Takes over segments in place of all rows up to what they cover.
  ///
  /// @returns false, and nothing changed, if they cover less than the present ones.
  bool adopt(const grown_segments& grown);

  /// The graph of a segment was read. Passed over if the segment is no longer there.
  void attach_graph(std::uint64_t segment_id, std::shared_ptr<const lodge::index::graph> graph);

  /// The view of all that was told, as of the last seal.
  view_ptr snapshot() const;

  std::uint64_t number() const { return number_; }
  std::uint64_t covers() const { return covers_; }
  std::uint64_t base() const { return base_; }
  /// Rows outside the segments, also those that have died.
  std::size_t delta_rows() const;
  std::size_t living() const { return living_; }

private:
  row_block& open_block();
  /// Marks the label in whichever part holds it.
  void mark_dead(std::uint64_t label);
  void drop_delta_up_to(std::uint64_t number);

  lodge::metric metric_;
  vector_layout layout_;
  vector_writer writer_;
  std::uint64_t number_ = 0;
  std::uint64_t covers_ = 0;
  std::uint64_t base_ = 0;
  std::vector<view::part> segments_;
  std::vector<row_range> delta_;
  /// The block that `delta_.back()` is a range of, as its one writer; null before the first put.
  std::shared_ptr<row_block> open_;
  label_set dead_;
  /// Deaths above `covers_`: those that a new base does not know yet.
  std::vector<death> deaths_;
  std::size_t living_ = 0;
};

} // namespace lodge::index
