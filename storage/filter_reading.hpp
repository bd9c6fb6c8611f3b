#pragma once

#include <lodge/error.hpp>

#include "storage/filter.hpp"
#include "storage/filter_range.hpp"
#include "storage/rows.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lodge::storage {

class filter_reading;

/// Where filters are evaluated: a connection with what it keeps from one reading to the next.
///
/// **Concurrency**: one user at a time, its readings included. Several may be open, each in a connection of its own;
/// those are kept for the next ones.
class filter_source {
public:
  static result<std::unique_ptr<filter_source>> open(const std::string& path);
  ~filter_source();

  /// Takes a snapshot, and does nothing else yet. May outlive the source.
  ///
  /// Fails with errc::collection_dropped, newer_format, corrupt, io_error or busy.
  result<std::unique_ptr<filter_reading>> begin(collection_id collection, const filter& wanted,
                                                const filter_range& within);

private:
  friend class filter_reading;
  class state;
  explicit filter_source(std::shared_ptr<state> opened);
  std::shared_ptr<state> state_;
};

/// The labels of the rows of a collection that match a filter, slice by slice, from one snapshot.
///
/// **Operation**: gives the labels above `after`, up to `number()`, of matching rows that live or died after `as_of`;
/// with a vector or without. A row's metadata never changes, so what was read up to a number holds for every view up
/// to that number, and is brought up to a later one by reading what comes after it. With `after` 0, conditions on
/// declared fields are answered by `field_values`, without reading rows; other rows are read, and checked against
/// their checksums.
/// **Concurrency**: one user at a time. **Limits**: while it is there, the WAL cannot be reset.
class filter_reading {
public:
  ~filter_reading();

  /// Looks at about `most` rows and appends those labels that it found meanwhile, which may be none; ascending over all
  /// calls. @returns Whether there may be more.
  ///
  /// Fails with errc::corrupt if a row is damaged or its metadata is no JSON.
  result<bool> step(std::size_t most, std::vector<std::uint64_t>& labels);

  /// The file's last number in this snapshot.
  std::uint64_t number() const;
  /// Whether rows that lived at `as_of` may be gone.
  bool swept() const;
  /// No row is gone that lived at this number or at a later one.
  std::uint64_t complete_from() const;
  /// Whether the values of a declared field lead to the rows.
  bool by_index() const;

private:
  friend class filter_source;
  class state;
  explicit filter_reading(std::unique_ptr<state> begun);
  std::unique_ptr<state> state_;
};

} // namespace lodge::storage
