//  thread ── search ──▶ reader ── lease ──▶ COLLECTION ──▶ INDEX HOLDER     (after a change only)
//                          ◀───────────── view, leases ────────┘

#include <lodge/reader.hpp>

#include "actors/collection_handle.hpp"
#include "actors/lease.hpp"
#include "actors/refining.hpp"
#include "actors/search_job.hpp"
#include "actors/validate.hpp"

#include <algorithm>
#include <chrono>

#include <new>

namespace lodge {

struct reader::parts {
  std::shared_ptr<collection::handle> source;
  collection_info info;
  view_watch watch;
  index::search_scratch scratch;
  /// The last filter asked for, and what it was found to match.
  std::string filter;
  match_reply matched;
  /// For rough vectors; opened with the first search among them.
  std::unique_ptr<storage::reader> file;

  /// The rows that match the filter of the options, for this view; none without a filter. Errors come as errors, and
  /// swept rows as a reply without rows.
  result<match_reply> match(const index::view& view, const search_options& options) {
    if (options.filter.empty())
      return match_reply{};
    if (options.filter == filter && matched.rows && matched.rows->serve(view.number))
      return match_reply{matched.rows, "kept"};
    auto reply =
      source->ask_inside<match_reply>(options.timeout, match_atom_v, options.filter, view.number, options.timeout);
    if (reply) {
      filter = options.filter;
      matched = *reply;
    }
    return reply;
  }

  /// Hits of what was found; false if rows were swept meanwhile.
  result<bool> refine(const index::view& view, std::span<const float> query, const index::search_parameters& parameters,
                      std::vector<index::neighbour>& found) {
    if (!view.layout().is_rough())
      return true;
    if (!file) {
      auto opened = storage::reader::open(watch.path());
      if (!opened)
        return opened.error();
      file = *std::move(opened);
    }
    return lodge::refine(view, query, parameters, *file, found);
  }

  /// The newest view; kept by whoever asked for it alone.
  result<index::view_ptr> view_for(const search_options& options) {
    if (auto current = watch.current(options.at_least))
      return current;
    auto leased =
      source->ask_inside<leased_view>(options.timeout, lease_atom_v, lease_request{options.at_least, options.timeout});
    if (!leased)
      return leased.error();
    watch.renew(*leased);
    return std::move(leased->view);
  }
};

namespace {

/// Metadata is read from the file, and the state of a page is kept by INDEX HOLDER.
bool needs_others(const search_options& options) { return options.with_metadata || options.paged || options.after; }

} // namespace

reader::reader(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
reader::reader(reader&&) noexcept = default;
reader& reader::operator=(reader&&) noexcept = default;
reader::~reader() = default;

result<hits> reader::search(std::span<const float> query, const search_options& options) try {
  if (needs_others(options))
    return collection{parts_->source}.search({query.begin(), query.end()}, options);
  if (auto own = parts_->source->check_process(); !own)
    return own.error();
  if (auto checked = check_search(parts_->info, query, 1, options); !checked)
    return checked.error();
  auto view = parts_->view_for(options);
  if (!view)
    return view.error();
  const auto matched = parts_->match(**view, options);
  if (!matched)
    return matched.error();
  if (!options.filter.empty() && !matched->rows)
    return collection{parts_->source}.search({query.begin(), query.end()}, options);
  const auto parameters = parameters_of((*view)->metric, options, matched->rows);
  auto found = index::search(**view, query, parameters, parts_->scratch);
  const auto refined = parts_->refine(**view, query, parameters, found);
  if (!refined)
    return refined.error();
  if (!*refined)
    return collection{parts_->source}.search({query.begin(), query.end()}, options);
  return to_hits(**view, found);
} catch (const std::bad_alloc&) {
  return error{errc::out_of_memory, "while a reader searched"};
}

result<search_reply> reader::search(std::span<const std::vector<float>> queries, const search_options& options) try {
  if (needs_others(options))
    return collection{parts_->source}.search(queries, options);
  if (auto own = parts_->source->check_process(); !own)
    return own.error();
  auto request = make_search_request(queries, options);
  if (!request)
    return request.error();
  if (auto checked = check_search(parts_->info, request->queries, request->count, options); !checked)
    return checked.error();
  const auto until = std::chrono::steady_clock::now() + std::min(options.timeout, no_timeout);
  auto view = parts_->view_for(options);
  if (!view)
    return view.error();
  if (auto checked = search_job::check(**view, *request); !checked)
    return checked.error();
  const auto matched = parts_->match(**view, options);
  if (!matched)
    return matched.error();
  if (!options.filter.empty() && !matched->rows)
    return collection{parts_->source}.search(queries, options);
  search_reply reply{{}, {parts_->watch.file(), (*view)->number}, {}, {}};
  const auto parameters = parameters_of((*view)->metric, options, matched->rows);
  index::search_run run{**view, request->queries, request->count, parameters};
  while (!run.done()) {
    if (std::chrono::steady_clock::now() >= until)
      return error{errc::deadline_exceeded,
                   "the time ended after " + std::to_string(reply.results.size()) + " of "
                     + std::to_string(request->count) + " queries"};
    run.step(parts_->scratch);
    while (run.ready() > 0) {
      auto found = run.take();
      const auto refined = parts_->refine(**view, queries[reply.results.size()], parameters, found);
      if (!refined)
        return refined.error();
      if (!*refined)
        return collection{parts_->source}.search(queries, options);
      reply.results.push_back(to_hits(**view, found));
    }
  }
  if (options.explain)
    reply.explanation = explain(**view, run, *matched);
  return reply;
} catch (const std::bad_alloc&) {
  return error{errc::out_of_memory, "while a reader searched"};
}

result<reader> collection::reader() const {
  auto known = info();
  if (!known)
    return known.error();
  return lodge::reader{
    std::make_unique<reader::parts>(lodge::reader::parts{handle_, *std::move(known), {}, {}, {}, {}, {}})};
}

} // namespace lodge
