#pragma once

#include <lodge/error.hpp>
#include <lodge/options.hpp>
#include <lodge/types.hpp>

#include <memory>
#include <span>
#include <vector>

namespace lodge {

/// Searches one collection on the caller's thread, without a message while nothing changes: for threads that search a
/// lot. `collection::reader()` makes one.
///
/// **Operation**: keeps a note of the newest view. A search after a change asks for the next view, which costs about as
/// much as a call of the collection; any other goes at once. Between two searches nothing is held for it but the memory
/// that searches of this size need, and what the last filter matched: a bit a row; of a collection of int8 vectors also
/// an open file.
/// **Concurrency**: one thread at a time; any number of readers. Closing the database does not wait for one: from then
/// on its searches give errc::closed, as `collection`'s do.
class reader {
public:
  /// The k nearest neighbours of a query of `dimension` values, as `collection::search` gives them: what was
  /// acknowledged by this open database before is seen, and the errors are the same.
  ///
  /// @note With `with_metadata` or pages it is a call of the collection. `timeout` bounds the wait for a view, and for
  /// the rows that match a filter.
  result<hits> search(std::span<const float> query, const search_options& options = {});
  /// The same for many queries, all as of one change. `timeout` is looked at every few milliseconds.
  result<search_reply> search(std::span<const std::vector<float>> queries, const search_options& options = {});

  reader(reader&&) noexcept;
  reader& operator=(reader&&) noexcept;
  ~reader();

private:
  friend class collection;
  struct parts;
  explicit reader(std::unique_ptr<parts> made);
  std::unique_ptr<parts> parts_;
};

} // namespace lodge
