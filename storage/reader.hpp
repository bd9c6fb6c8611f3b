#pragma once

#include <lodge/error.hpp>
#include <lodge/options.hpp>
#include <lodge/types.hpp>

#include "storage/filter.hpp"
#include "storage/rows.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lodge::storage {

/// What the log tells of one collection, after a number that its reader knows already.
struct log_page {
  /// The page is complete up to here: the newest number of the file when it was read.
  std::uint64_t number = 0;
  /// In the order of their numbers.
  std::vector<log_entry> entries;
  /// The log was cut beyond the number asked from; what is missing must be loaded anew.
  bool truncated = false;
};

/// How far a collection is from its base.
struct base_distance {
  std::uint64_t version = 0;
  std::uint64_t watermark = 0;
  std::uint64_t vectors = 0;
  /// Changes above the watermark, up to the change `counted_to`.
  std::uint64_t changes = 0;
  std::uint64_t counted_to = 0;
};

/// Sizes and counts that are read from the file.
struct file_figures {
  std::uint64_t number = 0;
  std::uint64_t items = 0;
  std::uint64_t vectors = 0;
  std::uint64_t dead_rows = 0;
  std::uint64_t log_entries = 0;
  std::uint64_t base_version = 0;
  std::uint64_t base_vectors = 0;
  std::uint64_t base_bytes = 0;
  std::uint64_t base_covers = 0;
  std::uint64_t changes_since_base = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t wal_bytes = 0;
  std::uint64_t free_bytes = 0;
};

/// Short reads of one file, each of one snapshot.
///
/// Each may fail with errc::newer_format, corrupt, io_error or busy. **Concurrency**: one user at a time.
class reader {
public:
  static result<std::unique_ptr<reader>> open(const std::string& path);
  ~reader();

  std::uint64_t identity() const;

  /// Whether another connection has committed since the last call.
  result<bool> changed_elsewhere();

  /// The collections that live, by name.
  result<std::vector<collection_row>> collections();
  /// errc::collection_dropped if it does not live.
  result<collection_row> collection(collection_id which);

  /// The newest number of the file.
  result<std::uint64_t> number();
  /// errc::position_not_reached or position_of_other_file if the file does not hold the position.
  result<void> require(const position& at_least);

  /// errc::key_not_found without one; collection_dropped.
  result<record> get(collection_id collection, std::string_view key);
  result<bool> contains(collection_id collection, std::string_view key);
  /// Up to `limit` items whose keys' bytes come after `after_key`.
  result<page> scan(collection_id collection, std::string_view after_key, std::uint64_t limit);
  /// Items that live.
  result<std::uint64_t> size(collection_id collection);
  /// Items that live and match. Reads the rows unless all conditions are on declared fields.
  result<std::uint64_t> count(collection_id collection, const filter& wanted);

  /// The metadata of rows as of a number, in the order asked. None if a row of that number was swept meanwhile.
  /// errc::corrupt if a checksum is wrong.
  result<std::optional<std::vector<std::string>>> metadata(std::span<const std::uint64_t> labels, std::uint64_t as_of);

  /// Tells vectors of rows, dead or alive, as long as `next` names another label. False if one was swept meanwhile.
  /// errc::corrupt if a checksum is wrong.
  ///
  /// @param tell Gets `dimension` little-endian floats, which start anywhere in memory.
  result<bool> vectors(std::size_t dimension, const std::function<std::optional<std::uint64_t>()>& next,
                       const std::function<void(std::span<const std::uint8_t>)>& tell);

  /// What happened to a collection after a number. With `with_rows`, puts carry their keys and vectors.
  result<log_page> log_after(collection_id collection, std::uint64_t number, bool with_rows);
  /// The present base; none also if its row is damaged, which is as good as none.
  result<std::optional<manifest>> base(collection_id collection);
  result<base_distance> distance_to_base(collection_id collection);
  result<file_figures> figures(collection_id collection);

private:
  class state;
  class reading;
  explicit reader(std::unique_ptr<state> opened);
  std::unique_ptr<state> state_;
};

} // namespace lodge::storage
