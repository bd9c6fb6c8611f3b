#include "tests/simulation/judgement.hpp"

#include <lodge/check.hpp>

namespace lodge::test {

/// Every call is answered, every process tells the same, and the file is sound.
void simulation::settle() {
  note(nullptr, "all settles");
  for (std::size_t i = 0; i < processes_.size(); ++i)
    if (!processes_[i])
      start(i);
  run_until_answered();
  for (std::size_t i = 0; i < processes_.size(); ++i)
    if (processes_[i]->is_closing) {
      end(i, false);
      start(i);
    }
  run_until_answered();
  is_settled_ = true;
  writes_.settle();
  for (auto& each : processes_)
    verify(*each);
  for (const auto* name : {"words", "others"})
    verify_compaction(*processes_[random_() % processes_.size()], name);
  if (const auto rest = outside_->left_behind(); !rest.empty())
    throw violation{"after a compaction of everything there are " + rest};
  for (auto& each : processes_)
    verify(*each);
  close_all();
  std::string damage;
  const auto sound = check(path_, [&](const finding& what) {
    if (!what.sound)
      damage += "; " + what.subject + ": " + what.detail;
  });
  if (!sound || !*sound)
    throw violation{"the file is not sound" + (sound ? damage : ": " + lodge::to_string(sound.error()))};
}

/// Long enough for every pause between two tries, and for others to hear of the last commits.
void simulation::run_until_answered() {
  constexpr unsigned rounds = 40;
  for (unsigned round = 0; round < rounds; ++round) {
    bool all_answered = true;
    for (bool any = true; any;) {
      any = false;
      for (auto& each : processes_)
        if (!each->is_idle()) {
          step(*each);
          any = true;
        }
    }
    for (auto& each : processes_) {
      all_answered = all_answered && each->unanswered() == 0;
      each->advance(each->has_lost_parts() || !all_answered ? 1s : 300ms);
    }
    const auto healed = !any_lost_parts_ || round > 12;
    if (all_answered && healed && round > 1)
      return;
  }
  for (auto& each : processes_)
    if (each->unanswered() > 0)
      throw violation{"process " + std::to_string(each->number()) + " never answered " + each->first_unanswered()};
}

template <class Reply, class Handle, class... Ts>
Reply simulation::must_answer(process& in, const std::string& what, const Handle& whom, Ts&&... request) {
  std::optional<result<Reply>> outcome;
  note(&in, "at the end: " + what);
  in.ask<Reply>(
    what, [&](result<Reply> got) { outcome.emplace(std::move(got)); }, whom, std::forward<Ts>(request)...);
  for (unsigned round = 0; !outcome && round < 1'000; ++round) {
    // The others, too: one of them may be compacting.
    for (auto& each : processes_)
      while (each && !each->is_idle() && !outcome)
        step(*each);
    if (!outcome)
      for (auto& each : processes_)
        if (each)
          each->advance(100ms);
  }
  if (!outcome || !*outcome)
    throw violation{"at the end, " + what + " in process " + std::to_string(in.number()) + ": "
                    + (outcome ? lodge::to_string(outcome->error()) : "no answer")};
  return **std::move(outcome);
}

void simulation::verify(process& in) {
  for (const auto* name : {"words", "others"})
    verify(in, name);
}

void simulation::verify(process& in, const std::string& name) {
  const auto opening = begin(in, "open");
  const auto actor = must_answer<collection_actor>(in, "open " + name, in.database(), open_atom_v,
                                                   open_request{name, {name == "words" ? 2U : 4U, {}, {}, {}}});
  const auto* model = file_.named(name, file_.number());
  if (model == nullptr || in.id_of(actor) != model->id)
    throw violation{"at the end, '" + name + "' is another collection"};
  for (const bool latest : {false, true}) {
    auto of = begin(in, "search", model->id);
    search_request request{random_vector(model->id), 1, {}};
    request.options.exact = random_() % 2 == 0;
    request.options.k = 1'000;
    request.options.with_metadata = true;
    // Without `at_least`, who is told of others' commits has heard of them by now.
    if (latest)
      request.options.at_least = of.at_least = position{identity_, file_.number()};
    else if (in.options().poll_interval > 0ms)
      of.floor = std::max(of.floor, model->last_change(file_.number()));
    judge_search(in, of, request, must_answer<search_reply>(in, "search", actor, search_atom_v, request));
  }
  const scan_request all{"", 1'000, {}};
  const auto scanned = begin(in, "scan", model->id);
  judge_page(scanned, all, must_answer<page>(in, "scan", actor, scan_atom_v, all));
  const auto counted = begin(in, "stats", model->id);
  judge_stats(counted, must_answer<collection_stats>(in, "stats", actor, stats_atom_v));
}

void simulation::verify_compaction(process& in, const std::string& name) {
  const auto actor =
    must_answer<collection_actor>(in, "open " + name, in.database(), open_atom_v, open_request{name, {}});
  const auto of = begin(in, "compact", in.id_of(actor));
  judge_compaction(of, must_answer<compaction_report>(in, "compact", actor, rebuild_atom_v));
}

void simulation::close_all() {
  for (auto& each : processes_) {
    must_answer<position>(*each, "close", each->database(), close_atom_v);
    each.reset();
    look(nullptr);
  }
  outside_.reset();
}

} // namespace lodge::test
