//  user ── put, remove, … ──▶ COLLECTION ── the same, with a deadline ──▶ WRITER
//  user ── search, lease ───▶     │ ── search, lease ──▶ INDEX HOLDER ──▶ SEARCHER
//  user ── get, scan, text ─▶     │ ── get, scan, text ──▶ SEARCHER
//  user ── count ───────────▶     │ ── count ──▶ MATCHER
//  user ── compact ─────────▶     └ ── compact ──▶ COMPACTOR

#include "actors/collection.hpp"

#include "actors/caf_errors.hpp"
#include "actors/validate.hpp"
#include "storage/filter.hpp"

#include <memory>

namespace lodge {

namespace {

using self_pointer = collection_inside_actor::stateful_pointer<collection_state>;

deadline until(self_pointer self, std::chrono::milliseconds timeout) {
  return {self->clock().now() + std::min(timeout, no_timeout)};
}

/// A write that WRITER never took was not done; for one that it took, it owes an answer.
template <class Reply, class... Ts>
caf::result<Reply> ask_writer(self_pointer self, Ts&&... request) {
  auto present = self->state.ready();
  if (!present)
    return to_caf(present.error());
  return self->delegate((*present)->writer, std::forward<Ts>(request)...);
}

template <class Reply, class... Ts>
caf::result<Reply> ask_searcher(self_pointer self, Ts&&... request) {
  if (auto present = self->state.ready(); !present)
    return to_caf(present.error());
  return self->delegate(self->state.next_searcher(), std::forward<Ts>(request)...);
}

/// Figures from three places, put together when the last has come. The file is asked last, so that what COMPACTOR
/// says was done is in its figures.
caf::result<collection_stats> stats(self_pointer self) {
  auto present = self->state.ready();
  if (!present)
    return to_caf(present.error());
  auto promise = self->make_response_promise<collection_stats>();
  const auto id = self->state.row.id;
  // A part that has ended may have ended with the collection.
  auto fail = [self, promise](caf::error& failure) mutable {
    promise.deliver(self->state.gone ? to_caf(self->state.gone) : std::move(failure));
  };
  self->request((*present)->compactor, caf::infinite, stats_atom_v, id)
    .then(
      [=, crew = *present](const compactor_stats& compacted) {
        self->request(self->state.holder, caf::infinite, stats_atom_v)
          .then(
            [=](const holder_stats& held) {
              self->request(crew->searchers.front(), caf::infinite, stats_atom_v, id)
                .then(
                  [=](const storage::file_figures& figures) mutable {
                    const auto& info = self->state.row.info;
                    promise.deliver(collection_stats{
                      info.dimension,       info.metric,        figures.items,        figures.vectors,
                      figures.dead_rows,    figures.number,     held.view_number,     figures.base_version,
                      figures.base_vectors, figures.base_bytes, figures.base_covers,  figures.changes_since_base,
                      figures.log_entries,  held.graph_vectors, held.scanned_vectors, figures.file_bytes,
                      figures.wal_bytes,    figures.free_bytes, compacted.state,      compacted.compactions,
                      compacted.last_error});
                  },
                  fail);
            },
            fail);
      },
      fail);
  return promise;
}

} // namespace

result<crew_ptr> collection_state::ready() const {
  if (gone)
    return gone;
  if (!neighbours || !neighbours->writer || !neighbours->log_sync || !neighbours->compactor || !neighbours->matcher
      || neighbours->searchers.empty() || !holder)
    return error{errc::unavailable, "a part of the engine is being started"};
  return neighbours;
}

const searcher_actor& collection_state::next_searcher() {
  return neighbours->searchers[searches++ % neighbours->searchers.size()];
}

collection_inside_actor::behavior_type collection(self_pointer self, storage::collection_row row) {
  self->state.row = std::move(row);
  const auto id = self->state.row.id;
  return {
    [=](put_atom, put_request& request) -> caf::result<position> {
      if (auto checked = check(self->state.row.info, request); !checked)
        return to_caf(checked.error());
      const auto deadline = until(self, request.timeout);
      return ask_writer<position>(self, put_atom_v, id, deadline, std::move(request));
    },
    [=](metadata_atom, metadata_request& request) -> caf::result<position> {
      for (auto checked : {check_key(request.key), check_metadata(request.metadata)})
        if (!checked)
          return to_caf(checked.error());
      const auto deadline = until(self, request.timeout);
      return ask_writer<position>(self, metadata_atom_v, id, deadline, std::move(request));
    },
    [=](remove_atom, remove_request& request) -> caf::result<removal> {
      if (auto checked = check(request); !checked)
        return to_caf(checked.error());
      const auto deadline = until(self, request.timeout);
      return ask_writer<removal>(self, remove_atom_v, id, deadline, std::move(request));
    },
    [=](remove_atom, remove_matching_request& request) -> caf::result<removal> {
      if (auto checked = storage::filter::parse(request.filter); !checked)
        return to_caf(checked.error());
      const auto deadline = until(self, request.timeout);
      return ask_writer<removal>(self, remove_atom_v, id, deadline, std::move(request));
    },
    [=](get_atom, get_request& request) -> caf::result<record> {
      if (auto checked = check_key(request.key); !checked)
        return to_caf(checked.error());
      return ask_searcher<record>(self, get_atom_v, id, std::move(request));
    },
    [=](contains_atom, get_request& request) -> caf::result<bool> {
      if (auto checked = check_key(request.key); !checked)
        return to_caf(checked.error());
      return ask_searcher<bool>(self, contains_atom_v, id, std::move(request));
    },
    [=](scan_atom, scan_request& request) -> caf::result<page> {
      if (auto checked = check(request); !checked)
        return to_caf(checked.error());
      return ask_searcher<page>(self, scan_atom_v, id, std::move(request));
    },
    [=](search_atom, search_request& request) -> caf::result<search_reply> {
      if (auto present = self->state.ready(); !present)
        return to_caf(present.error());
      if (auto checked = check(self->state.row.info, request); !checked)
        return to_caf(checked.error());
      const auto deadline = until(self, request.options.timeout);
      return self->delegate(self->state.holder, search_atom_v, deadline, std::move(request));
    },
    [=](text_atom, text_request& request) -> caf::result<search_reply> {
      if (auto checked = check(self->state.row.info, request); !checked)
        return to_caf(checked.error());
      const auto deadline = until(self, request.options.timeout);
      return ask_searcher<search_reply>(self, text_atom_v, id, deadline, std::move(request));
    },
    [=](lease_atom, lease_request& request) -> caf::result<leased_view> {
      if (auto present = self->state.ready(); !present)
        return to_caf(present.error());
      const auto deadline = until(self, request.timeout);
      return self->delegate(self->state.holder, lease_atom_v, deadline, std::move(request));
    },
    [=](match_atom, std::string& filter, std::uint64_t number,
        std::chrono::milliseconds timeout) -> caf::result<match_reply> {
      auto present = self->state.ready();
      if (!present)
        return to_caf(present.error());
      return self->delegate((*present)->matcher, match_atom_v,
                            match_request{id, std::move(filter), number, until(self, timeout)});
    },
    [=](count_atom, count_request& request) -> caf::result<std::uint64_t> {
      auto present = self->state.ready();
      if (!present)
        return to_caf(present.error());
      return self->delegate((*present)->matcher, count_atom_v, id, std::move(request));
    },
    [=](size_atom) -> caf::result<std::uint64_t> { return ask_searcher<std::uint64_t>(self, size_atom_v, id); },
    [=](info_atom) -> caf::result<collection_info> { return self->state.row.info; },
    [=](stats_atom) -> caf::result<collection_stats> { return stats(self); },
    [=](compact_atom) -> caf::result<compaction_report> {
      auto present = self->state.ready();
      if (!present)
        return to_caf(present.error());
      return self->delegate((*present)->compactor, compact_atom_v, id);
    },
    [=](rebuild_atom) -> caf::result<compaction_report> {
      auto present = self->state.ready();
      if (!present)
        return to_caf(present.error());
      return self->delegate((*present)->compactor, rebuild_atom_v, id);
    },
    [=](connect_atom, crew_ptr& present, holder_actor& holder) {
      self->state.neighbours = std::move(present);
      self->state.holder = std::move(holder);
    },
    [=](close_atom, bad_news& why) -> bool {
      self->state.gone = std::move(why.what);
      return true;
    },
  };
}

} // namespace lodge
