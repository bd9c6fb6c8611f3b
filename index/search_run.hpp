#pragma once

#include "index/kernels.hpp"
#include "index/nearest.hpp"
#include "index/search.hpp"
#include "index/view.hpp"

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

namespace lodge::index {

/// Searches for many queries in one view, slice by slice.
///
/// **Operation**: `step` until `done()`; `take` gives the hits of one query after the other, the very ones of `search`.
/// Queries go in blocks. For each part of the view first those that its graph can answer, one by one; then the part is
/// scanned for the others together, some rows at a time: each row is fetched from memory once for the whole block.
/// **Concurrency**: one thread at a time.
/// **Limits**: holds the hits of one block, a few MiB unless one query has more.
class search_run {
public:
  /// @param where Outlives this, as `queries` do.
  /// @param queries Row-major, shape (count, where.dimension): finite values as users gave them (not zero under
  /// cosine).
  search_run(const view& where, std::span<const float> queries, std::size_t count, const search_parameters& parameters);

  /// Goes on for a few milliseconds: a bound on the values that are looked at, so that the same run has the same
  /// slices.
  void step(search_scratch& scratch);
  bool done() const { return finished_ == count_; }

  /// Queries whose hits are known and were not taken yet.
  std::size_t ready() const { return ready_.size(); }
  /// The next query's hits, or those of rough vectors that `refinement` is to choose from; `ready()` is not 0.
  std::vector<neighbour> take();

  /// What was done so far: one entry a segment, and one for the rows after them.
  const std::vector<part_work>& work() const { return work_; }

private:
  std::size_t advance(search_scratch& scratch);
  void begin_block();
  void end_block();
  void begin_part(std::size_t part);
  std::size_t walk_graph(search_scratch& scratch);
  std::size_t scan_rows(search_scratch& scratch);

  // Each compares some rows, and gives how many of them were among the nearest so far.

  std::size_t scan_living(const row_range& range, search_scratch& scratch);
  std::size_t scan_for_one(const row_block& block, std::size_t first, std::size_t end);
  /// The allowed rows, each found by its label.
  std::size_t scan_allowed(const row_range& range, search_scratch& scratch);
  static void gather(const row_block& block, std::size_t row, search_scratch& scratch);
  /// How far the distance of a row may be from the true one.
  float doubt_of(std::size_t of_block, float distance, const void* vector) const;
  std::size_t compare_gathered(const row_block& block, search_scratch& scratch);
  /// How many rows of the part may be hits, or more: of the dead, some may be counted.
  std::size_t most_hits(const view::part& part) const;
  bool has_enough(std::size_t of_block, const search_scratch& scratch, std::size_t ef) const;

  bool is_delta() const { return part_ == where_.segments.size(); }
  std::span<const row_range> ranges() const {
    return is_delta() ? where_.delta : where_.segments[part_].rows.rows->pages();
  }
  const void* query(std::size_t of_block) const { return prepared_.data() + of_block * query_bytes_; }

  /// What it costs to keep a row among the k nearest.
  std::size_t cost_of_hit() const;

  const view& where_;
  std::span<const float> queries_;
  std::size_t count_;
  search_parameters parameters_;
  kernels distances_;
  vector_writer writer_;
  std::size_t row_bytes_;
  std::size_t query_bytes_;
  std::size_t block_size_;

  /// Queries before the block under way.
  std::size_t finished_ = 0;
  std::deque<std::vector<neighbour>> ready_;
  /// The block's queries, and what was found so far.
  std::vector<std::byte> prepared_;
  std::vector<nearest> best_;
  /// The part of the view that is being searched: a segment, or after them the delta.
  std::size_t part_ = 0;
  /// Rows of the part that may be hits.
  std::size_t candidates_ = 0;
  std::vector<part_work> work_;
  /// Queries of the block that have been through the part's graph, and those for which it is to be scanned.
  std::size_t walked_ = 0;
  std::vector<std::size_t> scanning_;
  /// The next row: its range and its place in there.
  std::size_t range_ = 0;
  std::size_t row_ = 0;
};

} // namespace lodge::index
