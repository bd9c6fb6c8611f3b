#pragma once

#include "actors/row_reading.hpp"
#include "index/graph_builder.hpp"
#include "index/view.hpp"
#include "storage/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge {

/// One whole rebuild of a collection's base, slice by slice: read the living rows of one number, link them.
///
/// **Operation**: `step` until `done`; then `manifest`, `bytes` and `segment` are what is to be published.
class compaction_run {
public:
  compaction_run(std::string path, storage::collection_id collection);

  /// A slice of some ten milliseconds.
  result<void> step();
  bool done() const { return done_; }
  /// "reading", "building 40 %".
  std::string progress() const;

  /// The next base, its segment without an id yet; no segment if nothing lives.
  const storage::manifest& manifest() const { return manifest_; }
  /// What the segment is stored as.
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  /// The same for searching.
  index::segment segment() const { return {0, rows_, graph_}; }

private:
  result<void> open();
  result<void> read();
  result<void> link();

  std::string path_;
  storage::collection_id collection_;
  std::unique_ptr<storage::snapshot> file_;
  std::unique_ptr<row_reading> reading_;
  std::optional<index::graph_builder> builder_;
  index::row_range rows_;
  std::shared_ptr<const index::graph> graph_;
  storage::manifest manifest_;
  std::vector<std::uint8_t> bytes_;
  bool done_ = false;
};

} // namespace lodge
