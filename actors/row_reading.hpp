#pragma once

#include <lodge/error.hpp>

#include "index/row_block.hpp"
#include "storage/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace lodge {

/// Reads rows of a snapshot into one block, some at a time, so that its caller can be stopped in between.
class row_reading {
public:
  row_reading(storage::snapshot& from, std::vector<std::uint64_t> labels);

  /// Reads up to 4,096 further rows.
  result<void> step();
  bool done() const { return rows_->size() == labels_.size(); }

  /// All rows, once done.
  index::row_range rows() const { return {rows_, 0, rows_->size()}; }

private:
  storage::snapshot& from_;
  std::vector<std::uint64_t> labels_;
  std::shared_ptr<index::row_block> rows_;
};

} // namespace lodge
