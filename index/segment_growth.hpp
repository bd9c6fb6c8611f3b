#pragma once

#include "index/graph_builder.hpp"
#include "index/grown_segments.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace lodge::index {

struct growth_options {
  graph_options graph;
  /// Rows; then another segment is begun.
  std::size_t largest_segment = 2'000'000;
  /// New rows; the rest stays for the next growth.
  std::size_t most_new_rows = SIZE_MAX;
  /// Build every segment anew, from the living alone.
  bool rebuild = false;
};

/// Lets the segments of a view grow over its delta, a slice at a time.
///
/// **Operation**: the last segment's links are copied and the delta's living rows linked in. A segment is built anew
/// from its living rows if 30 % of it is dead, or if it is a thousandth of the largest, or has no graph.
/// The other segments stay what they are.
class segment_growth {
public:
  segment_growth(view_ptr from, const growth_options& options);

  /// Copies some thousand rows, or links 64.
  result<void> step();
  /// What is being built now, which others may work on too; null while there is nothing to be linked.
  std::shared_ptr<graph_builder> building() const { return builder_ && !builder_->done() ? builder_ : nullptr; }
  bool done() const { return jobs_.empty(); }

  /// Rows to be linked, and how many are.
  std::size_t rows_to_link() const { return rows_to_link_; }
  std::size_t rows_linked() const { return rows_linked_ + (builder_ ? builder_->linked() - linked_before_ : 0); }

  /// The segments, once done.
  grown_segments take();

private:
  /// A segment to be made.
  struct job {
    /// It grows from this one, or begins with no row.
    std::optional<segment> from;
    /// Rows still to be copied; the dead among them are left out.
    std::deque<row_range> sources;
    std::size_t sources_left = 0;
  };

  result<void> slice();
  void plan();
  bool is_to_be_rebuilt(const view::part& part) const;
  void add_sources(job& to, const row_range& rows);
  std::vector<row_range> new_rows();
  void copy(job& what);
  /// The first job's rows are enough for a segment: what is left of its sources goes to another job.
  void split();
  void keep(segment what);
  void end_job();

  view_ptr from_;
  growth_options options_;
  kernels distances_;
  std::deque<job> jobs_;
  // Of the first job: its rows so far, all of them, and their graph.
  std::optional<row_pages_writer> copied_;
  row_pages_ptr rows_;
  std::shared_ptr<graph_builder> builder_;
  /// Rows of its graph that were linked when it began.
  std::size_t linked_before_ = 0;
  std::size_t rows_to_link_ = 0;
  /// In the graphs that are done.
  std::size_t rows_linked_ = 0;
  grown_segments made_;
};

} // namespace lodge::index
