//  HOLDER ── view, search_request ──▶ SEARCHER ── hits ──▶ whoever asked
//  COLLECTION ── get, scan ──────────▶    ▲
//                                    SQLite file (rows)

#include "actors/searcher.hpp"

#include "actors/caf_errors.hpp"
#include "actors/spawn.hpp"

#include <memory>
#include <utility>

namespace lodge {

caf::result<search_reply> searcher_state::search(searcher_self* self, collection_id id, const index::view_ptr& view,
                                                 deadline until, search_request& request, const holder_actor& holder) {
  if (auto checked = search_job::check(*view, request); !checked)
    return to_caf(checked.error());
  auto promise = self->make_response_promise<search_reply>();
  auto job = std::make_unique<search_job>(id, view, until, std::move(request), holder, file->identity(),
                                          owed_answer<search_reply>{promise, errc::unavailable});
  if (work_on(self, *job)) {
    jobs.push_back(std::move(job));
    if (jobs.size() == 1)
      self->send(self, next_atom_v);
  }
  return promise;
}

void searcher_state::go_on(searcher_self* self) {
  auto job = std::move(jobs.front());
  jobs.pop_front();
  if (work_on(self, *job))
    jobs.push_back(std::move(job));
  if (!jobs.empty())
    self->send(self, next_atom_v);
}

bool searcher_state::work_on(searcher_self* self, search_job& job) {
  const auto outcome = job.step(self->clock().now(), *file, scratch);
  if (!outcome)
    job.asker.deliver(outcome.error());
  else if (*outcome == search_job::progress::done)
    job.asker.deliver(std::move(job.reply));
  else if (*outcome == search_job::progress::swept)
    search_again(self, job);
  else
    return true;
  return false;
}

void searcher_state::search_again(searcher_self* self, search_job& job) {
  // A row is swept only after it died, so there is a newer view without it; else it is missing.
  job.request.options.at_least = position{file->identity(), job.view->number + 1};
  if (auto newer = file->require(*job.request.options.at_least); !newer)
    return job.asker.deliver(error{errc::corrupt, "the row of a hit is missing"});
  auto asker = std::make_shared<owed_answer<search_reply>>(std::move(job.asker));
  self->request(job.holder, caf::infinite, search_atom_v, job.until, std::move(job.request))
    .then([asker](search_reply& reply) { asker->deliver(std::move(reply)); },
          [this, asker, id = job.collection](const caf::error& failure) {
            // The rows were swept, and the holder ended, because the collection was dropped.
            const auto there = file->size(id);
            asker->deliver(there ? from_caf(failure) : there.error());
          });
}

searcher_actor::behavior_type searcher(searcher_self* self, std::string path) {
  self->set_exception_handler(end_quietly);
  auto opened = storage::reader::open(path);
  if (!opened) {
    self->quit(to_caf(opened.error()));
    return searcher_actor::behavior_type::make_empty_behavior();
  }
  self->state.file = *std::move(opened);
  self->set_exit_handler([self](caf::exit_msg& message) {
    if (message.reason == caf::exit_reason::user_shutdown)
      for (const auto& job : self->state.jobs)
        job->asker.deliver(error{errc::closed, "the database was closed during the search"});
    self->quit(message.reason);
  });
  auto read_at = [self](const std::optional<position>& at_least, auto read) -> decltype(read()) {
    if (at_least)
      if (auto reached = self->state.file->require(*at_least); !reached)
        return reached.error();
    return read();
  };
  return {
    [self](search_atom, collection_id id, const index::view_ptr& view, deadline until, search_request& request,
           const holder_actor& holder) { return self->state.search(self, id, view, until, request, holder); },
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
    [self](next_atom) { self->state.go_on(self); },
  };
}

} // namespace lodge
