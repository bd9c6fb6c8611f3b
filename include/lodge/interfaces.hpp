#pragma once

#include <lodge/messages.hpp>

#include <caf/actor_system.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

namespace lodge {

/// One collection, as users hold it. It stays good when the parts behind it are started again.
///
/// Errors arrive as `caf::error` of category "lodge"; `from_caf` makes them a `lodge::error`.
/// Any sender may have many requests under way; one sender's writes are done in the order of their sending.
using collection_actor = caf::typed_actor<
  // Stores items; answers once they are durable.
  caf::replies_to<put_atom, put_request>::with<position>,
  // Gives an item other metadata; answers once it is durable.
  caf::replies_to<metadata_atom, metadata_request>::with<position>,
  // Removes items; answers once they are durably gone.
  caf::replies_to<remove_atom, remove_request>::with<removal>,
  // Removes the items that match a filter; answers once they are durably gone.
  caf::replies_to<remove_atom, remove_matching_request>::with<removal>,
  // The item of a key.
  caf::replies_to<get_atom, get_request>::with<record>,
  // Whether there is an item with this key.
  caf::replies_to<contains_atom, get_request>::with<bool>,
  // A page of items, by key.
  caf::replies_to<scan_atom, scan_request>::with<page>,
  // The nearest neighbours of queries.
  caf::replies_to<search_atom, search_request>::with<search_reply>,
  // The items that have words of a query, best first: one list.
  caf::replies_to<text_atom, text_request>::with<search_reply>,
  // Items that live.
  caf::replies_to<size_atom>::with<std::uint64_t>,
  // Items that match a filter.
  caf::replies_to<count_atom, count_request>::with<std::uint64_t>,
  // What the collection is.
  caf::replies_to<info_atom>::with<collection_info>,
  // How it does.
  caf::replies_to<stats_atom>::with<collection_stats>,
  // Compacts; answers when a base covers every write acknowledged before.
  caf::replies_to<compact_atom>::with<compaction_report>,
  // The same, and builds every segment anew, so that none holds a dead row.
  caf::replies_to<rebuild_atom>::with<compaction_report>>;

/// One open file.
using database_actor = caf::typed_actor<
  // The handle of a collection; the same one for the same name, until it is dropped.
  caf::replies_to<open_atom, open_request>::with<collection_actor>,
  // The collections of the file.
  caf::replies_to<list_atom>::with<std::vector<collection_info>>,
  // Drops a collection; handles to it answer errc::collection_dropped from then on.
  caf::replies_to<drop_atom, std::string>::with<position>,
  // Copies the file as of now to a path where nothing is; the copy is a file of its own, its positions too.
  caf::replies_to<backup_atom, std::string>::with<position>,
  // Commits what was accepted, stops all actors of this database, and answers its last position when the file is
  // closed.
  caf::replies_to<close_atom>::with<position>>;

/// Opens a file in a host's actor system, whose configuration `register_types` has seen.
///
/// The database lives until it is asked to `close`; a handle that goes away does not close it. Blocks for the time
/// of opening; not to be called from an actor of the scheduler.
result<database_actor> open_database(caf::actor_system& system, const std::string& path,
                                     const database_options& options = {});

} // namespace lodge
