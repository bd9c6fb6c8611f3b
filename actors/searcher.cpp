//  HOLDER ── view, search_request ──▶ SEARCHER ── hits ──▶ whoever asked
//  COLLECTION ── get, scan, text ────▶    ▲ ◀── matches of a filter ── MATCHER
//                                    SQLite file (rows)

#include "actors/searcher.hpp"

#include "actors/caf_errors.hpp"
#include "actors/spawn.hpp"

#include <memory>
#include <utility>

namespace lodge {

namespace {

error swept_error() { return {errc::unavailable, "rows were swept meanwhile that the search was among; try again"}; }

} // namespace

caf::result<search_reply> searcher_state::search(searcher_self* self, collection_id id, const index::view_ptr& view,
                                                 deadline until, search_request& request, const holder_actor& holder) {
  if (auto checked = search_job::check(*view, request); !checked)
    return to_caf(checked.error());
  auto promise = self->make_response_promise<search_reply>();
  auto job = std::make_unique<search_job>(id, view, until, std::move(request), holder, file->identity(),
                                          owed_answer<search_reply>{promise, errc::unavailable});
  if (job->request.options.filter.empty())
    begin_with_words(self, std::move(job));
  else
    search_matching(self, std::move(job));
  return promise;
}

void searcher_state::search_matching(searcher_self* self, std::unique_ptr<search_job> job) {
  match_request wanted{job->collection, job->request.options.filter, job->view->number, job->until};
  // Shared by the continuations; an end of this actor among them is an answer, too.
  auto waiting = std::make_shared<std::unique_ptr<search_job>>(std::move(job));
  self->request(matcher, caf::infinite, match_atom_v, std::move(wanted))
    .then(
      [self, waiting](match_reply& reply) {
        if (!reply.rows)
          return self->state.search_again(self, **waiting);
        (*waiting)->match(std::move(reply));
        self->state.begin_with_words(self, std::move(*waiting));
      },
      [waiting](const caf::error& failure) { (*waiting)->asker.deliver(from_caf(failure)); });
}

void searcher_state::begin_with_words(searcher_self* self, std::unique_ptr<search_job> job) {
  if (job->request.text.empty())
    return begin(self, std::move(job));
  auto question = job->question();
  const auto until = job->until;
  begin(self, text_line::search{std::move(question), until, std::move(job)});
}

caf::result<search_reply> searcher_state::search_text(searcher_self* self, collection_id id, deadline until,
                                                      text_request& request) {
  const auto& options = request.options;
  if (options.at_least)
    if (auto reached = file->require(*options.at_least); !reached)
      return to_caf(reached.error());
  auto promise = self->make_response_promise<search_reply>();
  text_line::search words{
    {id, std::move(request.query), static_cast<std::size_t>(options.k), std::nullopt, options.with_metadata, {}},
    until,
    owed_answer<search_reply>{promise, errc::unavailable}};
  if (options.filter.empty())
    begin(self, std::move(words));
  else
    search_matching(self, std::move(words), options.filter);
  return promise;
}

/// As of the newest number that there is now.
void searcher_state::search_matching(searcher_self* self, text_line::search words, const std::string& filter) {
  auto waiting = std::make_shared<text_line::search>(std::move(words));
  const auto answer = [waiting](const error& why) { std::get<owed_answer<search_reply>>(waiting->who).deliver(why); };
  const auto newest = file->number();
  if (!newest)
    return answer(newest.error());
  waiting->question.as_of = *newest;
  self
    ->request(matcher, caf::infinite, match_atom_v,
              match_request{waiting->question.collection, filter, *newest, waiting->until})
    .then(
      [=](const match_reply& reply) {
        if (!reply.rows)
          return answer(swept_error());
        waiting->question.allows = [rows = reply.rows](std::uint64_t label) { return rows->labels.contains(label); };
        self->state.begin(self, std::move(*waiting));
      },
      [answer](const caf::error& failure) { answer(from_caf(failure)); });
}

void searcher_state::begin(searcher_self* self, std::unique_ptr<search_job> job) {
  if (work_on(self, *job))
    jobs.push_back(std::move(job));
  schedule(self);
}

void searcher_state::begin(searcher_self* self, text_line::search search) {
  const auto is_alone = texts->empty();
  texts->add(std::move(search));
  if (is_alone)
    look_for_words(self);
  schedule(self);
}

void searcher_state::look_for_words(searcher_self* self) {
  for (auto& each : texts->step(self->clock().now()))
    take(self, std::move(each));
}

void searcher_state::take(searcher_self* self, text_line::finished words) {
  if (auto* const job = std::get_if<std::unique_ptr<search_job>>(&words.what.who))
    return take(self, std::move(*job), words);
  auto& asker = std::get<owed_answer<search_reply>>(words.what.who);
  if (!words.outcome)
    return asker.deliver(words.outcome.error());
  if (!*words.outcome)
    return asker.deliver(swept_error());
  auto& answer = **words.outcome;
  search_reply reply{{{}}, {file->identity(), answer.number}, {}, {}};
  for (auto& each : answer.matches)
    reply.results.front().push_back({std::move(each.key), static_cast<float>(each.score), std::move(each.metadata)});
  asker.deliver(std::move(reply));
}

void searcher_state::take(searcher_self* self, std::unique_ptr<search_job> job, text_line::finished& words) {
  if (!words.outcome)
    return job->asker.deliver(words.outcome.error());
  if (!*words.outcome)
    return search_again(self, *job);
  job->words = std::move((*words.outcome)->matches);
  begin(self, std::move(job));
}

void searcher_state::go_on(searcher_self* self) {
  goes_on = false;
  if (!texts->empty())
    look_for_words(self);
  if (!jobs.empty()) {
    auto job = std::move(jobs.front());
    jobs.pop_front();
    if (work_on(self, *job))
      jobs.push_back(std::move(job));
  }
  schedule(self);
}

void searcher_state::schedule(searcher_self* self) {
  if (goes_on || (jobs.empty() && texts->empty()))
    return;
  goes_on = true;
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
  if (job.request.options.after)
    return job.asker.deliver(
      error{errc::page_expired,
            "rows of change " + std::to_string(job.view->number) + " were swept, which the page is of; begin again"});
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

void searcher_state::fail_all(const error& why) {
  for (const auto& job : jobs)
    job->asker.deliver(why);
  for (auto& each : texts->take_all())
    if (const auto* const job = std::get_if<std::unique_ptr<search_job>>(&each.who))
      (*job)->asker.deliver(why);
    else
      std::get<owed_answer<search_reply>>(each.who).deliver(why);
}

searcher_actor::behavior_type searcher(searcher_self* self, std::string path) {
  self->set_exception_handler(end_quietly);
  auto opened = storage::reader::open(path);
  if (!opened) {
    self->quit(to_caf(opened.error()));
    return searcher_actor::behavior_type::make_empty_behavior();
  }
  self->state.file = *std::move(opened);
  self->state.texts = std::make_unique<text_line>(path);
  self->set_exit_handler([self](caf::exit_msg& message) {
    if (message.reason == caf::exit_reason::user_shutdown)
      self->state.fail_all({errc::closed, "the database was closed during the search"});
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
    [self](text_atom, collection_id id, deadline until, text_request& request) {
      return self->state.search_text(self, id, until, request);
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
    [self](connect_atom, matcher_actor& present) { self->state.matcher = std::move(present); },
    [self](next_atom) { self->state.go_on(self); },
  };
}

} // namespace lodge
