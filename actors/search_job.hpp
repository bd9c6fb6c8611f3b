#pragma once

#include "actors/fusion.hpp"
#include "actors/interfaces.hpp"
#include "actors/owed_answer.hpp"
#include "index/search_run.hpp"
#include "storage/reader.hpp"
#include "storage/text_reader.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lodge {

/// What was found, as users read it. Without metadata.
hits to_hits(const index::view& view, std::span<const index::neighbour> found);
/// @param rows Those that match the filter; null without one.
index::search_parameters parameters_of(metric by, const search_options& options, const matches_ptr& rows = nullptr);
/// What a run did, as users read it.
search_explanation explain(const index::view& view, const index::search_run& run, const match_reply& matched);

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

  /// The search is among these rows. Before the first step.
  void match(match_reply found);
  /// What a hybrid search asks of the rows' words; the answer is to be in `words` before the first step.
  storage::text_question question() const;

  /// Goes on for a few milliseconds, if it is not too late for more: else errc::deadline_exceeded.
  result<progress> step(caf::actor_clock::time_point now, storage::reader& file, index::search_scratch& scratch);

  collection_id collection;
  index::view_ptr view;
  deadline until;
  search_request request;
  holder_actor holder;
  search_reply reply;
  std::vector<storage::text_match> words;
  owed_answer<search_reply> asker;

private:
  /// Makes hits for users of what was found, as many as one slice allows.
  result<progress> add_hits(storage::reader& file);
  /// Says where the next page begins.
  void mark_end(std::span<const index::neighbour> found);
  result<bool> add_metadata(storage::reader& file, std::span<const std::uint64_t> labels, hits& to) const;
  /// What was found, and the words of a hybrid search, as one list.
  std::vector<ranked_row> fused(std::span<const index::neighbour> found) const;

  index::search_parameters parameters() const;

  match_reply matched_;
  /// Reads `view`, `request` and the rows matched; begun with the first step.
  std::optional<index::search_run> run_;
};

} // namespace lodge
