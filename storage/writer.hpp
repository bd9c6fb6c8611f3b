#pragma once

#include <lodge/error.hpp>
#include <lodge/options.hpp>

#include "storage/filter.hpp"
#include "storage/rows.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lodge::storage {

/// What is undone when a request fails.
enum class undoing : std::uint8_t {
  /// That request alone: each runs in a savepoint.
  one_request,
  /// Nothing, which saves a quarter of the time of a single put. If the request had changed something, the transaction
  /// `is_spoiled()`: it can only be rolled back, and its requests be done again the other way.
  nothing,
};

/// The write side of one file: all that changes it, in transactions of many requests.
///
/// **Operation**: `begin`, then any number of calls, then `commit` (durable when it returns) or `roll_back`. Each
/// call in between is done whole or not at all: one that fails leaves the others of the transaction alone, unless
/// `in_transaction` says that SQLite gave the whole of it up (disk full, input/output errors), or `is_spoiled`.
/// **Concurrency**: one user at a time. Between processes, the sidecar's writers' turn is held from `begin` to the end.
class writer {
public:
  using clock = std::chrono::steady_clock;

  /// Opens a file that `prepare_file` made ready.
  static result<std::unique_ptr<writer>> open(const std::string& path);
  ~writer();

  std::uint64_t identity() const;

  /// Fails with errc::busy at the deadline, errc::newer_format if the file was upgraded meanwhile.
  result<void> begin(clock::time_point deadline, undoing how = undoing::one_request);
  /// The last number of the transaction. errc::outcome_unknown if the disk did not confirm it.
  result<std::uint64_t> commit();
  void roll_back();
  bool in_transaction() const;
  /// Whether a request of the open transaction was done by half; every later one fails.
  bool is_spoiled() const;
  /// The last sequence number that the open transaction took.
  std::uint64_t number() const;

  // Client requests. The items' form was checked by the caller.

  /// Stores the items in order, each under a fresh label. @returns The last one's number.
  result<std::uint64_t> put(collection_id collection, std::span<const item> items);
  /// Stores the item if the key's living row has the label `expected` (0: if there is none), else errc::conflict.
  result<std::uint64_t> put_if(collection_id collection, const item& what, std::uint64_t expected);
  /// A new version of the row with other metadata. errc::key_not_found without one.
  result<std::uint64_t> update_metadata(collection_id collection, std::string_view key, std::string_view metadata);
  /// Removes those that are there. The result's position has no file id yet.
  result<removal> remove(collection_id collection, std::span<const std::string> keys);
  /// Removes the living items that match, each by a change of its own. As long as it takes to find them, nobody else
  /// writes.
  result<removal> remove_matching(collection_id collection, const filter& wanted);

  /// The living collection of that name, whatever its options, or a new one.
  result<collection_row> open_collection(const collection_info& info);
  /// From here on nobody sees it; `sweep` frees its rows.
  result<std::uint64_t> drop_collection(std::string_view name);

  // Compaction. Only the holder of the compaction role calls these.

  /// A number for a segment that is about to be written.
  result<std::uint64_t> new_segment();
  result<void> add_chunk(const chunk& what);
  /// Makes `next` the base, if the present one has `next.version - 1` and every chunk is there; cuts the logs.
  ///
  /// @returns The change's number. errc::conflict if another base was published meanwhile.
  result<std::uint64_t> publish(collection_id collection, const manifest& next);
  /// Lets a collection without changes since its base forget everything before it: what dead rows and log entries
  /// were kept for readers that are one publishing late.
  result<void> forget_history(collection_id collection);
  /// Deletes up to `limit` rows or one chunk that nobody needs: of dropped collections, of segments in no manifest,
  /// dead before the previous watermark. Gives free pages back to the file system.
  ///
  /// @returns Whether there is more to do.
  result<bool> sweep(std::uint64_t limit);

  /// Wakes every process that has the file open, as each commit does.
  void ring() const;

  /// Moves the WAL's pages into the file if it has grown past a few MiB.
  result<void> checkpoint_if_grown();
  /// Moves them at any rate, and cuts the WAL short; errc::busy if there is no turn to the deadline.
  result<void> checkpoint_all(clock::time_point deadline);

private:
  class state;
  explicit writer(std::unique_ptr<state> opened);
  std::unique_ptr<state> state_;
};

} // namespace lodge::storage
