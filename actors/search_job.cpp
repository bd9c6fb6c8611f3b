#include "actors/search_job.hpp"

#include "actors/refining.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace lodge {

namespace {

/// Hits of one call with many queries: some hundred MiB.
constexpr std::size_t largest_reply = 4'000'000;

/// Hits that are made in one slice: about a millisecond's work, as are reads of so many rows.
constexpr std::size_t hits_a_slice = 20'000;
constexpr std::size_t rows_a_slice = 500;

/// Of the vectors, and of the words of a hybrid search.
std::size_t hits_wanted(const search_request& request) {
  const auto k = static_cast<std::size_t>(request.options.k);
  return request.text.empty() ? k : depth_of(request.fusion, k);
}

hits to_hits(std::span<const ranked_row> rows) {
  hits made;
  for (const auto& each : rows)
    made.push_back({std::string{each.key}, static_cast<float>(each.score)});
  return made;
}

} // namespace

hits to_hits(const index::view& view, std::span<const index::neighbour> found) {
  hits made;
  made.reserve(found.size());
  for (const auto& each : found)
    made.push_back({std::string{each.key}, index::score_of(view.metric, each.distance)});
  return made;
}

index::search_parameters parameters_of(metric by, const search_options& options, const matches_ptr& rows) {
  index::search_parameters made{static_cast<std::size_t>(options.k), options.ef, options.exact};
  if (options.radius)
    made.within.farthest = index::distance_at(by, *options.radius);
  if (options.after) {
    made.within.after = index::rank{options.after->distance, options.after->label};
    made.within.skipped = options.after->hits;
  }
  if (rows)
    made.allowed = &rows->labels;
  return made;
}

search_explanation explain(const index::view& view, const index::search_run& run, const match_reply& matched) {
  search_explanation made;
  if (matched.rows) {
    made.filter = matched.how;
    made.by_field_index = matched.rows->by_field_index;
    made.matching = matched.rows->labels.size();
  }
  auto living_outside = view.living;
  for (std::size_t i = 0; i < run.work().size(); ++i) {
    const auto& done = run.work()[i];
    part_explanation part{0, 0, done.graph_searches, done.visited, done.scans, done.scanned};
    if (i < view.segments.size()) {
      part.rows = view.segments[i].rows.rows->size();
      part.living = view.segments[i].living;
      living_outside -= part.living;
    } else {
      for (const auto& range : view.delta)
        part.rows += range.count;
      part.living = living_outside;
    }
    made.parts.push_back(part);
  }
  return made;
}

result<void> search_job::check(const index::view& view, const search_request& request) {
  const auto hits_a_query = std::min(static_cast<std::size_t>(request.options.k), view.living);
  if (request.count > 1 && hits_a_query > largest_reply / request.count)
    return error{errc::too_large,
                 "one call gives at most " + std::to_string(largest_reply) + " hits, " + std::to_string(request.count)
                   + " queries with " + std::to_string(hits_a_query) + " hits each were asked for"};
  return {};
}

search_job::search_job(collection_id of, index::view_ptr where, deadline last, search_request what, holder_actor from,
                       std::uint64_t file_id, owed_answer<search_reply> whom)
  : collection(of),
    view(std::move(where)),
    until(last),
    request(std::move(what)),
    holder(std::move(from)),
    reply{{}, {file_id, view->number}, {}, {}},
    asker(std::move(whom)) {}

void search_job::match(match_reply found) { matched_ = std::move(found); }

index::search_parameters search_job::parameters() const {
  auto made = parameters_of(view->metric, request.options, matched_.rows);
  made.k = hits_wanted(request);
  return made;
}

storage::text_question search_job::question() const {
  storage::text_question asked{collection, request.text, hits_wanted(request), view->number, false, {}};
  if (matched_.rows)
    asked.allows = [rows = matched_.rows](std::uint64_t label) { return rows->labels.contains(label); };
  return asked;
}

result<search_job::progress> search_job::step(caf::actor_clock::time_point now, storage::reader& file,
                                              index::search_scratch& scratch) {
  const auto answered = reply.results.size();
  if (answered < request.count && now >= until.at)
    return error{errc::deadline_exceeded,
                 "the time ended after " + std::to_string(answered) + " of " + std::to_string(request.count)
                   + " queries"};
  if (!run_)
    run_.emplace(*view, request.queries, request.count, parameters());
  if (run_->ready() == 0)
    run_->step(scratch);
  return add_hits(file);
}

result<search_job::progress> search_job::add_hits(storage::reader& file) {
  const auto with_metadata = request.options.with_metadata;
  const auto most = with_metadata || view->layout().is_rough() ? rows_a_slice : hits_a_slice;
  for (std::size_t made = 0; run_->ready() > 0 && made < most;) {
    auto found = run_->take();
    // A query without hits is some work as well.
    made += 1 + found.size();
    const auto query = std::span{request.queries}.subspan(reply.results.size() * view->dimension, view->dimension);
    if (const auto refined = refine(*view, query, parameters(), file, found); !refined)
      return refined.error();
    else if (!*refined)
      return progress::swept;
    std::vector<std::uint64_t> labels;
    if (request.text.empty()) {
      mark_end(found);
      reply.results.push_back(to_hits(*view, found));
      std::ranges::transform(found, std::back_inserter(labels), &index::neighbour::label);
    } else {
      const auto rows = fused(found);
      reply.results.push_back(to_hits(rows));
      std::ranges::transform(rows, std::back_inserter(labels), &ranked_row::label);
    }
    if (with_metadata) {
      auto added = add_metadata(file, labels, reply.results.back());
      if (!added)
        return added.error();
      if (!*added)
        return progress::swept;
    }
  }
  if (reply.results.size() < request.count)
    return progress::going_on;
  if (request.options.explain)
    reply.explanation = explain(*view, *run_, matched_);
  return progress::done;
}

/// A page that is not full is the last.
void search_job::mark_end(std::span<const index::neighbour> found) {
  const auto& options = request.options;
  if (!options.paged || found.empty() || found.size() < static_cast<std::size_t>(options.k))
    return;
  const auto before = options.after ? options.after->hits : 0;
  reply.next = page_mark{reply.as_of, found.back().distance, found.back().label, before + found.size()};
}

std::vector<ranked_row> search_job::fused(std::span<const index::neighbour> found) const {
  std::vector<ranked_row> neighbours;
  for (const auto& each : found)
    neighbours.push_back({each.label, each.key});
  std::vector<ranked_row> with_words;
  for (const auto& each : words)
    with_words.push_back({each.label, each.key});
  return fuse(neighbours, with_words, request.fusion.rank_constant, static_cast<std::size_t>(request.options.k));
}

result<bool> search_job::add_metadata(storage::reader& file, std::span<const std::uint64_t> labels, hits& to) const {
  auto texts = file.metadata(labels, view->number);
  if (!texts)
    return texts.error();
  if (!*texts)
    return false;
  for (std::size_t i = 0; i < to.size(); ++i)
    to[i].metadata = std::move((**texts)[i]);
  return true;
}

} // namespace lodge
