#pragma once

#include <lodge/error.hpp>

#include "index/row_block.hpp"
#include "index/view_builder.hpp"
#include "storage/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace lodge {

/// Reads rows of a snapshot into one block, some at a time, so that its caller can be stopped in between.
class row_reading {
public:
  /// Fails with errc::corrupt or out_of_memory before it asks for memory that no such rows could need.
  static result<std::unique_ptr<row_reading>> begin(storage::snapshot& from, std::vector<std::uint64_t> labels);

  /// Reads up to 4,096 further rows.
  result<void> step();
  bool done() const { return rows_->size() == labels_.size(); }

  /// All rows, once done.
  index::row_range rows() const { return {rows_, 0, rows_->size()}; }
  /// Those of the rows read that live no more.
  const std::vector<index::death>& dead() const { return dead_; }

private:
  row_reading(storage::snapshot& from, std::vector<std::uint64_t> labels);

  storage::snapshot& from_;
  std::vector<std::uint64_t> labels_;
  std::shared_ptr<index::row_block> rows_;
  std::vector<index::death> dead_;
};

} // namespace lodge
