#pragma once

#include "actors/messages.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <string>
#include <vector>

/// The actors behind DATABASE and COLLECTION (lodge/interfaces.hpp), in the order in which a change flows.
namespace lodge {

/// Keeps the current view of one collection, and answers searches as of a number that is new enough.
using holder_actor = caf::typed_actor<
  // Hands the view and the query to a SEARCHER, at once or when the view is new enough.
  caf::replies_to<search_atom, deadline, search_request>::with<search_reply>,
  // From COLLECTION: a view that is new enough, for a reader to search in by itself.
  caf::replies_to<lease_atom, deadline, lease_request>::with<leased_view>,
  // From WRITER, before it answers: later searches see this change; the lease ends with the next one.
  caf::reacts_to<committed_atom, std::uint64_t, lease_watch>,
  // From LOG SYNC: the next part of the log, with its closing mark.
  caf::reacts_to<sync_atom, log_news_ptr>,
  // From LOG SYNC: the log cannot be read.
  caf::reacts_to<sync_atom, bad_news>,
  // From LOADER: all rows.
  caf::reacts_to<adopt_atom, loaded_collection_ptr>,
  // From LOADER: the graph of a segment.
  caf::reacts_to<adopt_atom, loaded_graph>,
  // From LOADER: why there is no more to come.
  caf::reacts_to<adopt_atom, load_failure>,
  // From COMPACTOR, and from LOADER for a base of another process: segments that cover more.
  caf::reacts_to<adopt_atom, grown_segments_ptr>,
  // From COMPACTOR: a view of this change or a later one; null if there is none to be had.
  caf::replies_to<view_atom, std::uint64_t>::with<index::view_ptr>,
  // To itself: publishes what has changed, unless more has come meanwhile.
  caf::reacts_to<idle_atom, std::uint64_t>,
  // How the view is made up.
  caf::replies_to<stats_atom>::with<holder_stats>,
  // From DATABASE: the present neighbours.
  caf::reacts_to<connect_atom, crew_ptr>,
  // From DATABASE: answer those who wait with this error, and end. Answers when no reader takes its view for the
  // newest.
  caf::replies_to<close_atom, bad_news>::with<bool>,
  // To itself: answers the waiting searches whose deadline has passed.
  caf::reacts_to<expire_atom>,
  // To itself: lets go of views that were kept for pages of hits.
  caf::reacts_to<forget_atom>>;

/// Reads newly committed log entries and tells the holders, in order.
using log_sync_actor = caf::typed_actor<
  // From WRITER and WATCHER: there may be a new commit.
  caf::reacts_to<nudge_atom>,
  // From a holder: tell me all after this number, with or without the rows of puts. Answers when that is in force.
  caf::replies_to<attach_atom, collection_id, std::uint64_t, bool, holder_actor>::with<std::uint64_t>,
  // Reads now. Answers the number up to which the collection's holder was told.
  caf::replies_to<sync_atom, collection_id>::with<std::uint64_t>>;

/// Hears of other processes' commits.
using watcher_actor = caf::typed_actor<
  // To itself: listens on.
  caf::reacts_to<next_atom>,
  // From DATABASE: whom to tell.
  caf::reacts_to<connect_atom, log_sync_actor>>;

/// Owns the only write connection of the process: many requests, one durable transaction.
using writer_actor = caf::typed_actor<
  // From COLLECTION: stores items.
  caf::replies_to<put_atom, collection_id, deadline, put_request>::with<position>,
  // From COLLECTION: gives an item other metadata.
  caf::replies_to<metadata_atom, collection_id, deadline, metadata_request>::with<position>,
  // From COLLECTION: removes items.
  caf::replies_to<remove_atom, collection_id, deadline, remove_request>::with<removal>,
  // From COLLECTION: removes the items that match a filter.
  caf::replies_to<remove_atom, collection_id, deadline, remove_matching_request>::with<removal>,
  // From DATABASE: the collection of this name, made if need be.
  caf::replies_to<open_atom, collection_info>::with<storage::collection_row>,
  // From DATABASE: the end of a collection.
  caf::replies_to<drop_atom, std::string>::with<position>,
  // From COMPACTOR, as the next four, each behind the clients' writes and in a transaction of its own: a segment's id.
  caf::replies_to<segment_atom>::with<std::uint64_t>,
  // A part of that segment.
  caf::replies_to<chunk_atom, storage::chunk>::with<bool>,
  // The next base.
  caf::replies_to<publish_atom, collection_id, storage::manifest>::with<std::uint64_t>,
  // No history before the base is needed any more.
  caf::replies_to<forget_atom, collection_id>::with<bool>,
  // Deletes a slice of what nobody needs; whether there is more.
  caf::replies_to<sweep_atom>::with<bool>,
  // From a holder: tell me the numbers of this collection's commits. Answers when that is in force.
  caf::replies_to<attach_atom, collection_id, holder_actor>::with<bool>,
  // From DATABASE: the present LOG SYNC.
  caf::reacts_to<connect_atom, log_sync_actor>,
  // To itself: commits what came in since the last commit.
  caf::reacts_to<flush_atom>,
  // Commits what was accepted, checkpoints, closes the file; later requests are answered `closed`. Waits for a turn
  // until then at most.
  caf::replies_to<close_atom, deadline>::with<position>>;

/// Knows which rows match a filter.
using matcher_actor = caf::typed_actor<
  // From SEARCHER, and from a reader by way of COLLECTION: the rows that match, for a view.
  caf::replies_to<match_atom, match_request>::with<match_reply>,
  // From COLLECTION: how many items match.
  caf::replies_to<count_atom, collection_id, count_request>::with<std::uint64_t>,
  // To itself: the next slice of reading.
  caf::reacts_to<next_atom>>;

/// Answers from immutable views and by short indexed reads.
using searcher_actor = caf::typed_actor<
  // The nearest neighbours in a view; the holder is asked again if the view's rows were swept meanwhile.
  caf::replies_to<search_atom, collection_id, index::view_ptr, deadline, search_request,
                  holder_actor>::with<search_reply>,
  // As COLLECTION, from here on: the words of the newest rows.
  caf::replies_to<text_atom, collection_id, deadline, text_request>::with<search_reply>,
  // An item.
  caf::replies_to<get_atom, collection_id, get_request>::with<record>,
  // Whether there is the key.
  caf::replies_to<contains_atom, collection_id, get_request>::with<bool>,
  // A page.
  caf::replies_to<scan_atom, collection_id, scan_request>::with<page>,
  // Items that live.
  caf::replies_to<size_atom, collection_id>::with<std::uint64_t>,
  // What the file says of it.
  caf::replies_to<stats_atom, collection_id>::with<storage::file_figures>,
  // The collections that live.
  caf::replies_to<list_atom>::with<std::vector<storage::collection_row>>,
  // From DATABASE: the present MATCHER.
  caf::reacts_to<connect_atom, matcher_actor>,
  // To itself: the next slice of a long search.
  caf::reacts_to<next_atom>>;

/// Builds a new base aside and has WRITER publish it. One run at a time.
using compactor_actor = caf::typed_actor<
  // From COLLECTION: answers when a base covers every change committed before.
  caf::replies_to<compact_atom, collection_id>::with<compaction_report>,
  // From COLLECTION: the same, and no segment holds a dead row.
  caf::replies_to<rebuild_atom, collection_id>::with<compaction_report>,
  // From a holder: let the index grow, for this reason.
  caf::reacts_to<grew_atom, collection_id, growth_wish>,
  // From a holder: tell me the bases of this collection.
  caf::reacts_to<attach_atom, collection_id, holder_actor>,
  // How its compactions go.
  caf::replies_to<stats_atom, collection_id>::with<compactor_stats>,
  // From DATABASE: dead rows wait to be swept.
  caf::reacts_to<sweep_atom>,
  // From DATABASE, which closes: publish what has grown. Answers when nothing more is to be done.
  caf::replies_to<close_atom>::with<bool>,
  // From DATABASE: the present neighbours.
  caf::reacts_to<connect_atom, crew_ptr>,
  // To itself: the next slice of the run with this number.
  caf::reacts_to<next_atom, std::uint64_t>>;

/// Works on the graph that COMPACTOR builds, beside others, for the time of one run.
using build_worker_actor = caf::typed_actor<
  // From COMPACTOR: plans some rows of a batch, or writes the links of some nodes.
  caf::replies_to<build_atom, build_order>::with<bool>>;

/// Reads a collection once, for its holder, and ends.
using loader_actor = caf::typed_actor<caf::reacts_to<next_atom>>;

/// A collection with its side doors, which are open within its process only.
using collection_inside_actor = collection_actor::extend<
  // From a reader: a view to search in.
  caf::replies_to<lease_atom, lease_request>::with<leased_view>,
  // From a reader: the rows that match a filter, as a view of this number needs them.
  caf::replies_to<match_atom, std::string, std::uint64_t, std::chrono::milliseconds>::with<match_reply>,
  // From DATABASE: the present neighbours.
  caf::reacts_to<connect_atom, crew_ptr, holder_actor>,
  // From DATABASE: answer everything with this error from now on. Answers when that is in force.
  caf::replies_to<close_atom, bad_news>::with<bool>>;

/// The parts of a database that its collections share, as they are now.
struct crew {
  writer_actor writer;
  log_sync_actor log_sync;
  compactor_actor compactor;
  matcher_actor matcher;
  std::vector<searcher_actor> searchers;
};

} // namespace lodge
