#pragma once

#include <lodge/error.hpp>

#include "index/kernels.hpp"
#include "index/row_pages.hpp"
#include "index/view_builder.hpp"
#include "storage/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace lodge {

/// Reads rows of a snapshot, some at a time, so that its caller can be stopped in between.
///
/// What a view has in memory already is taken from there: whole pages as they are, if the labels are the same.
class row_reading {
public:
  /// Fails with errc::corrupt or out_of_memory before it asks for memory that no such rows could need.
  ///
  /// @param known Null, or the collection as of a number at which every row of these labels that is not in it is dead.
  static result<std::unique_ptr<row_reading>> begin(storage::snapshot& from, std::vector<std::uint64_t> labels,
                                                    index::view_ptr known = nullptr);

  /// Reads up to 4,096 further rows.
  result<void> step();
  bool done() const { return rows_ != nullptr; }
  std::size_t rows_read() const { return rows_ ? rows_->size() : writer_.size(); }
  std::size_t rows_in_all() const { return labels_.size(); }

  /// All rows, once done.
  const index::row_pages_ptr& rows() const { return rows_; }
  /// Those of the rows read that live no more.
  const std::vector<index::death>& dead() const { return dead_; }

private:
  row_reading(storage::snapshot& from, std::vector<std::uint64_t> labels, index::view_ptr known);

  bool share_page();
  bool copy_known(std::uint64_t label);
  result<void> read(std::span<const std::uint64_t> labels);

  storage::snapshot& from_;
  std::vector<std::uint64_t> labels_;
  index::view_ptr known_;
  index::row_pages_writer writer_;
  index::vector_writer vectors_;
  index::row_pages_ptr rows_;
  std::vector<index::death> dead_;
};

} // namespace lodge
