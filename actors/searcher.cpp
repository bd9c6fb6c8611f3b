//  HOLDER ── view, search_request ──▶ SEARCHER ── hits ──▶ whoever asked
//  COLLECTION ── get, scan ──────────▶    ▲
//                                    SQLite file (rows)

#include "actors/searcher.hpp"

#include "actors/caf_errors.hpp"
#include "actors/owed_answer.hpp"

#include <algorithm>
#include <memory>

namespace lodge {

namespace {

/// Hits of one call with many queries: some hundred MiB.
constexpr std::size_t largest_reply = 4'000'000;

} // namespace

result<std::optional<search_reply>> searcher_state::search(const index::view& view, const search_request& request,
                                                           const std::function<bool()>& is_late) {
  const auto& options = request.options;
  const index::search_parameters parameters{static_cast<std::size_t>(options.k), options.ef, options.exact};
  search_reply reply{{}, {file->identity(), view.number}};
  const auto hits_a_query = std::min(parameters.k, view.living);
  if (request.count > 1 && hits_a_query > largest_reply / request.count)
    return error{errc::too_large,
                 "one call gives at most " + std::to_string(largest_reply) + " hits, " + std::to_string(request.count)
                   + " queries with " + std::to_string(hits_a_query) + " hits each were asked for"};
  for (std::size_t i = 0; i < request.count; ++i) {
    if (is_late())
      return error{errc::deadline_exceeded,
                   "the time ended after " + std::to_string(i) + " of " + std::to_string(request.count) + " queries"};
    const auto query = std::span{request.queries}.subspan(i * view.dimension, view.dimension);
    const auto found = index::search(view, query, parameters, scratch);
    hits made;
    std::vector<std::uint64_t> labels;
    made.reserve(found.size());
    for (const auto& each : found) {
      made.push_back({std::string{each.key}, index::score_of(view.metric, each.distance)});
      labels.push_back(each.label);
    }
    if (options.with_metadata) {
      auto added = add_metadata(view, labels, made);
      if (!added)
        return added.error();
      if (!*added)
        return std::optional<search_reply>{};
    }
    reply.results.push_back(std::move(made));
  }
  return std::optional{std::move(reply)};
}

result<bool> searcher_state::add_metadata(const index::view& view, const std::vector<std::uint64_t>& labels,
                                          hits& found) {
  auto texts = file->metadata(labels, view.number);
  if (!texts)
    return texts.error();
  if (!*texts)
    return false;
  for (std::size_t i = 0; i < found.size(); ++i)
    found[i].metadata = std::move((**texts)[i]);
  return true;
}

caf::result<search_reply> searcher_state::search_again(searcher_actor::pointer self, collection_id id,
                                                       const holder_actor& holder, deadline until,
                                                       search_request request) {
  auto promise = self->make_response_promise<search_reply>();
  auto asker = std::make_shared<owed_answer<search_reply>>(promise, errc::unavailable);
  self->request(holder, caf::infinite, search_atom_v, until, std::move(request))
    .then([asker](search_reply& reply) { asker->deliver(std::move(reply)); },
          [this, asker, id](const caf::error& failure) {
            // The rows were swept, and the holder ended, because the collection was dropped.
            const auto there = file->size(id);
            asker->deliver(there ? from_caf(failure) : there.error());
          });
  return promise;
}

searcher_actor::behavior_type searcher(searcher_actor::stateful_pointer<searcher_state> self, std::string path) {
  auto opened = storage::reader::open(path);
  if (!opened) {
    self->quit(to_caf(opened.error()));
    return searcher_actor::behavior_type::make_empty_behavior();
  }
  self->state.file = *std::move(opened);
  auto read_at = [self](const std::optional<position>& at_least, auto read) -> decltype(read()) {
    if (at_least)
      if (auto reached = self->state.file->require(*at_least); !reached)
        return reached.error();
    return read();
  };
  return {
    [self](search_atom, collection_id id, const index::view_ptr& view, deadline until, const search_request& request,
           const holder_actor& holder) -> caf::result<search_reply> {
      auto reply = self->state.search(*view, request, [&] { return self->clock().now() >= until.at; });
      if (!reply)
        return to_caf(reply.error());
      if (*reply)
        return **std::move(reply);
      // A row is swept only after it died, so there is a newer view without it; else it is missing.
      auto again = request;
      again.options.at_least = position{self->state.file->identity(), view->number + 1};
      if (auto newer = self->state.file->require(*again.options.at_least); !newer)
        return to_caf({errc::corrupt, "the row of a hit is missing"});
      return self->state.search_again(self, id, holder, until, std::move(again));
    },
    [=](get_atom, collection_id id, const get_request& request) -> caf::result<record> {
      return answer(read_at(request.at_least, [&] { return self->state.file->get(id, request.key); }));
    },
    [=](contains_atom, collection_id id, const get_request& request) -> caf::result<bool> {
      return answer(read_at(request.at_least, [&] { return self->state.file->contains(id, request.key); }));
    },
    [=](scan_atom, collection_id id, const scan_request& request) -> caf::result<page> {
      return answer(
        read_at(request.at_least, [&] { return self->state.file->scan(id, request.after_key, request.limit); }));
    },
    [self](size_atom, collection_id id) -> caf::result<std::uint64_t> { return answer(self->state.file->size(id)); },
    [self](stats_atom, collection_id id) -> caf::result<storage::file_figures> {
      return answer(self->state.file->figures(id));
    },
    [self](list_atom) -> caf::result<std::vector<storage::collection_row>> {
      return answer(self->state.file->collections());
    },
  };
}

} // namespace lodge
