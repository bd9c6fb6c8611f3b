#include "actors/search_job.hpp"

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

} // namespace

hits to_hits(const index::view& view, std::span<const index::neighbour> found) {
  hits made;
  made.reserve(found.size());
  for (const auto& each : found)
    made.push_back({std::string{each.key}, index::score_of(view.metric, each.distance)});
  return made;
}

index::search_parameters parameters_of(const search_options& options) {
  return {static_cast<std::size_t>(options.k), options.ef, options.exact};
}

result<void> search_job::check(const index::view& view, const search_request& request) {
  const auto hits_a_query = std::min(parameters_of(request.options).k, view.living);
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
    reply{{}, {file_id, view->number}},
    asker(std::move(whom)),
    run_(*view, request.queries, request.count, parameters_of(request.options)) {}

result<search_job::progress> search_job::step(caf::actor_clock::time_point now, storage::reader& file,
                                              index::search_scratch& scratch) {
  const auto answered = reply.results.size();
  if (answered < request.count && now >= until.at)
    return error{errc::deadline_exceeded,
                 "the time ended after " + std::to_string(answered) + " of " + std::to_string(request.count)
                   + " queries"};
  if (run_.ready() == 0)
    run_.step(scratch);
  return add_hits(file);
}

result<search_job::progress> search_job::add_hits(storage::reader& file) {
  const auto with_metadata = request.options.with_metadata;
  const auto most = with_metadata ? rows_a_slice : hits_a_slice;
  for (std::size_t made = 0; run_.ready() > 0 && made < most;) {
    const auto found = run_.take();
    reply.results.push_back(to_hits(*view, found));
    if (with_metadata) {
      auto added = add_metadata(file, found, reply.results.back());
      if (!added)
        return added.error();
      if (!*added)
        return progress::swept;
    }
    // A query without hits is some work as well.
    made += 1 + found.size();
  }
  return reply.results.size() == request.count ? progress::done : progress::going_on;
}

result<bool> search_job::add_metadata(storage::reader& file, std::span<const index::neighbour> found, hits& to) const {
  std::vector<std::uint64_t> labels;
  for (const auto& each : found)
    labels.push_back(each.label);
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
