#pragma once

#include "actors/interfaces.hpp"
#include "actors/owed_answer.hpp"
#include "index/search_run.hpp"
#include "storage/reader.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace lodge {

/// What was found, as users read it. Without metadata.
hits to_hits(const index::view& view, std::span<const index::neighbour> found);
index::search_parameters parameters_of(const search_options& options);

/// What SEARCHER was asked, and how far it is with it.
///
/// **Operation**: `step` until it says that nothing is left; then the reply is in `reply`.
struct search_job {
  /// Fails with errc::too_large if the hits would be too many for one message.
  static result<void> check(const index::view& view, const search_request& request);

  search_job(collection_id of, index::view_ptr where, deadline last, search_request what, holder_actor from,
             std::uint64_t file_id, owed_answer<search_reply> whom);
  search_job(const search_job&) = delete;
  search_job& operator=(const search_job&) = delete;

  enum class progress : std::uint8_t {
    going_on,
    done,
    /// Rows that the view names were swept meanwhile.
    swept,
  };

  /// Goes on for a few milliseconds, if it is not too late for more: else errc::deadline_exceeded.
  result<progress> step(caf::actor_clock::time_point now, storage::reader& file, index::search_scratch& scratch);

  collection_id collection;
  index::view_ptr view;
  deadline until;
  search_request request;
  holder_actor holder;
  search_reply reply;
  owed_answer<search_reply> asker;

private:
  /// Makes hits for users of what was found, as many as one slice allows.
  result<progress> add_hits(storage::reader& file);
  result<bool> add_metadata(storage::reader& file, std::span<const index::neighbour> found, hits& to) const;

  /// Reads `view` and `request`.
  index::search_run run_;
};

} // namespace lodge
