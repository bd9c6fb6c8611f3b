#pragma once

#include "cli/interruption.hpp"
#include "cli/source.hpp"
#include "cli/stored_items.hpp"

#include <lodge/database.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace lodge::cli {

struct import_target {
  std::string file;
  std::string collection;
  collection_options options = {};
};

struct import_counts {
  std::uint64_t rows = 0;
  std::uint64_t put = 0;
  /// Were stored already, equal in all parts.
  std::uint64_t present = 0;
  std::uint64_t bad = 0;
  /// Rows whose key came before in this import; the last one stays.
  std::uint64_t repeated = 0;
};

/// How rows are put.
struct import_manner {
  /// Rows a transaction.
  std::uint64_t batch = 1'000;
  bool skip_bad = false;
  /// Told of each row that was passed over.
  std::function<void(const error&)> on_bad = {};
  /// Told after each batch, with the bytes of the source that were read.
  std::function<void(const import_counts&, std::uint64_t bytes)> on_batch = {};
};

/// Puts the rows of sources into a collection, in batches.
///
/// **Operation**: file and collection are opened, and made if need be, when the first batch was read. A batch that is
/// refused for a row in it is halved until the row stands alone, so that all before it is stored and it can be named.
class row_import {
public:
  row_import(import_target target, import_manner manner, const interruption& stop)
    : target_(std::move(target)), manner_(std::move(manner)), stop_(stop) {}

  /// Puts all rows of a source. An error names the row; those before it are put. Ends early when interrupted.
  result<void> take(source& from);

  const import_counts& counts() const { return counts_; }
  /// Nothing while no row was read.
  database* file() { return db_ ? &*db_ : nullptr; }
  lodge::collection* collection() { return collection_ ? &*collection_ : nullptr; }

private:
  struct numbered_item {
    item what;
    std::uint64_t number;
  };

  result<void> open(const source& from);
  result<void> pass_over_misfits(const source& from, const collection_options& to_make);
  std::optional<std::uint32_t> dimension_of_batch() const;
  result<void> pass_over(const source& from, std::uint64_t number, const error& why);
  result<void> flush(const source& from);
  result<void> put(const source& from, std::span<const numbered_item> rows);

  import_target target_;
  import_manner manner_;
  const interruption& stop_;
  import_counts counts_;
  std::optional<database> db_;
  std::optional<lodge::collection> collection_;
  std::optional<stored_items> stored_;
  /// Hashes of the keys that were read.
  std::unordered_set<std::uint64_t> keys_;
  std::vector<numbered_item> batch_;
  std::uint64_t batch_bytes_ = 0;
};

} // namespace lodge::cli
