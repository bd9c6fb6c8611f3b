#pragma once

#include <lodge/interfaces.hpp>

#include "actors/lease.hpp"
#include "actors/matches.hpp"
#include "index/graph_builder.hpp"
#include "index/grown_segments.hpp"
#include "index/view_builder.hpp"
#include "storage/reader.hpp"
#include "storage/rows.hpp"

#include <caf/actor_clock.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// What lodge's actors tell each other within one process. Nothing here travels farther.
namespace lodge {

using storage::collection_id;

/// When a call must have been begun.
struct deadline {
  caf::actor_clock::time_point at;
};

/// LOG SYNC → HOLDER: what was committed since the last such message, with its closing mark.
struct log_news {
  storage::log_page page;
  storage::base_distance distance;
};
using log_news_ptr = std::shared_ptr<const log_news>;

/// LOADER → HOLDER: the rows of a collection, all of one number.
struct loaded_collection {
  /// Which of the holder's loads this is of: one that was begun anew takes nothing from the one before.
  std::uint64_t load = 0;
  index::loaded_rows rows;
  /// Why the stored base could not be used, if so; the rows are whole all the same.
  std::string base_damage;
};
using loaded_collection_ptr = std::shared_ptr<const loaded_collection>;

/// LOADER → HOLDER: the graph of one of those segments.
struct loaded_graph {
  std::uint64_t load = 0;
  std::uint64_t segment = 0;
  std::shared_ptr<const index::graph> graph;
};

/// LOADER → HOLDER: the rows could not be read; or, after them, a graph.
struct load_failure {
  std::uint64_t load = 0;
  error what;
};

/// COMPACTOR and LOADER → HOLDER: segments that cover more, in memory alone or published.
using grown_segments_ptr = std::shared_ptr<const index::grown_segments>;

/// HOLDER → COMPACTOR: why a collection is to grow.
enum class growth_wish : std::uint8_t {
  /// Too many vectors are outside the graph: it grows in memory.
  in_memory,
  /// Enough has changed for another base.
  publish,
  /// The base is damaged: another is published, whatever has changed.
  replace,
};

/// What HOLDER adds to a collection's stats.
struct holder_stats {
  std::uint64_t view_number = 0;
  std::uint64_t graph_vectors = 0;
  std::uint64_t scanned_vectors = 0;
};

/// What COMPACTOR adds to a collection's stats.
struct compactor_stats {
  std::string state = "idle";
  std::uint64_t compactions = 0;
  std::string last_error = {};
};

/// An error within a message to a part that asked nothing.
struct bad_news {
  error what;
};

/// COMPACTOR → BUILD WORKER: a piece of the present phase of a build. Nobody else has this piece.
struct build_order {
  std::shared_ptr<index::graph_builder> graph;
  index::build_piece piece;
};

/// SEARCHER and readers → MATCHER: the rows that match a filter, as a view of this number needs them.
struct match_request {
  storage::collection_id collection = 0;
  std::string filter;
  std::uint64_t number = 0;
  deadline until;
};

struct crew;
using crew_ptr = std::shared_ptr<const crew>;

} // namespace lodge

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(lodge_inside, caf::first_custom_type_id + 1400)
  CAF_ADD_ATOM(lodge_inside, lodge, attach_atom, "lodge_att")
  CAF_ADD_ATOM(lodge_inside, lodge, connect_atom, "lodge_conn")
  CAF_ADD_ATOM(lodge_inside, lodge, committed_atom, "lodge_cmt")
  CAF_ADD_ATOM(lodge_inside, lodge, nudge_atom, "lodge_nudg")
  CAF_ADD_ATOM(lodge_inside, lodge, sync_atom, "lodge_sync")
  CAF_ADD_ATOM(lodge_inside, lodge, flush_atom, "lodge_fl")
  CAF_ADD_ATOM(lodge_inside, lodge, next_atom, "lodge_next")
  CAF_ADD_ATOM(lodge_inside, lodge, expire_atom, "lodge_exp")
  CAF_ADD_ATOM(lodge_inside, lodge, restart_atom, "lodge_rest")
  CAF_ADD_ATOM(lodge_inside, lodge, grew_atom, "lodge_grew")
  CAF_ADD_ATOM(lodge_inside, lodge, view_atom, "lodge_view")
  CAF_ADD_ATOM(lodge_inside, lodge, lease_atom, "lodge_leas")
  CAF_ADD_ATOM(lodge_inside, lodge, idle_atom, "lodge_idle")
  CAF_ADD_ATOM(lodge_inside, lodge, adopt_atom, "lodge_adop")
  CAF_ADD_ATOM(lodge_inside, lodge, segment_atom, "lodge_seg")
  CAF_ADD_ATOM(lodge_inside, lodge, chunk_atom, "lodge_chnk")
  CAF_ADD_ATOM(lodge_inside, lodge, publish_atom, "lodge_publ")
  CAF_ADD_ATOM(lodge_inside, lodge, forget_atom, "lodge_fgt")
  CAF_ADD_ATOM(lodge_inside, lodge, sweep_atom, "lodge_swp")
  CAF_ADD_ATOM(lodge_inside, lodge, build_atom, "lodge_bld")
  CAF_ADD_ATOM(lodge_inside, lodge, match_atom, "lodge_mtch")
CAF_END_TYPE_ID_BLOCK(lodge_inside)
// clang-format on

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::deadline)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::log_news_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::loaded_collection_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::loaded_graph)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::load_failure)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::grown_segments_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::growth_wish)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::holder_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::compactor_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::bad_news)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::build_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::match_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::match_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::crew_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::index::view_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::lease_watch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::lease_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::leased_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::storage::chunk)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::storage::manifest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::storage::collection_row)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<lodge::storage::collection_row>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(lodge::storage::file_figures)
