#pragma once

#include "actors/row_reading.hpp"
#include "storage/snapshot.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge {

/// Reads a whole collection as of one number, slice by slice: its vectors first, then the graphs of its base.
///
/// **Operation**: `step` until `take_rows` gives the rows, and on until it says that there is no more; `take_graph`
/// after each. A base that cannot be used is passed over, and all rows are read without it.
class collection_reading {
public:
  collection_reading(std::string path, storage::collection_id collection);

  /// A slice of some ten milliseconds: false when there is nothing left to do.
  result<bool> step();

  /// Rows that were read, and all that are to be: a lower bound until it has begun with them, and after `take_rows`.
  std::pair<std::size_t, std::size_t> rows_read() const;

  /// All rows, once they are read; once.
  std::optional<index::loaded_rows> take_rows();

  /// The graph of one of the segments, as they come.
  struct segment_graph {
    std::uint64_t segment = 0;
    std::shared_ptr<const index::graph> graph;
  };
  std::optional<segment_graph> take_graph() { return std::exchange(graph_, std::nullopt); }

  /// Why the stored base could not be used, if so.
  const std::string& base_damage() const { return base_damage_; }

private:
  result<void> open();
  result<void> read_base();
  result<void> read_living();
  result<void> add_reading(std::vector<std::uint64_t> labels);
  result<void> plan_rows_without_base(std::string why);
  result<void> read_rows();
  result<void> take_deaths();
  result<void> gather_rows();
  result<void> read_graph();

  std::string path_;
  storage::collection_id collection_;
  std::unique_ptr<storage::snapshot> file_;
  index::loaded_rows loaded_;
  std::string base_damage_;
  /// Segments whose rows are being read, or whose graphs are still to come.
  std::deque<storage::segment_record> segments_;
  /// One reading a segment, then one of the rows after them.
  std::vector<std::unique_ptr<row_reading>> readings_;
  std::size_t readings_done_ = 0;
  /// Labels of the living, ascending, until the rows are given.
  std::vector<std::uint64_t> living_;
  bool rows_read_ = false;
  bool rows_taken_ = false;
  std::optional<segment_graph> graph_;
};

} // namespace lodge
