//  thread ── search ──▶ reader ── lease ──▶ COLLECTION ──▶ INDEX HOLDER     (after a change only)
//                          ◀───────────── view, leases ────────┘

#include <lodge/reader.hpp>

#include "actors/collection_handle.hpp"
#include "actors/lease.hpp"
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

reader::reader(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
reader::reader(reader&&) noexcept = default;
reader& reader::operator=(reader&&) noexcept = default;
reader::~reader() = default;

result<hits> reader::search(std::span<const float> query, const search_options& options) try {
  if (options.with_metadata)
    return collection{parts_->source}.search({query.begin(), query.end()}, options);
  if (auto own = parts_->source->check_process(); !own)
    return own.error();
  if (auto checked = check_search(parts_->info, query, 1, options); !checked)
    return checked.error();
  auto view = parts_->view_for(options);
  if (!view)
    return view.error();
  return to_hits(**view, index::search(**view, query, parameters_of(options), parts_->scratch));
} catch (const std::bad_alloc&) {
  return error{errc::out_of_memory, "while a reader searched"};
}

result<search_reply> reader::search(std::span<const std::vector<float>> queries, const search_options& options) try {
  if (options.with_metadata)
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
  search_reply reply{{}, {parts_->watch.file(), (*view)->number}};
  index::search_run run{**view, request->queries, request->count, parameters_of(options)};
  while (!run.done()) {
    if (std::chrono::steady_clock::now() >= until)
      return error{errc::deadline_exceeded,
                   "the time ended after " + std::to_string(reply.results.size()) + " of "
                     + std::to_string(request->count) + " queries"};
    run.step(parts_->scratch);
    while (run.ready() > 0)
      reply.results.push_back(to_hits(**view, run.take()));
  }
  return reply;
} catch (const std::bad_alloc&) {
  return error{errc::out_of_memory, "while a reader searched"};
}

result<reader> collection::reader() const {
  auto known = info();
  if (!known)
    return known.error();
  return lodge::reader{std::make_unique<reader::parts>(lodge::reader::parts{handle_, *std::move(known), {}, {}})};
}

} // namespace lodge
