#include "tests/simulation/simulation.hpp"

#include "storage/writer.hpp"

#include <algorithm>

namespace lodge::test {

namespace {

std::string to_string(const change& what) {
  constexpr const char* kinds[] = {"?", "put", "put without a vector", "base", "create", "drop", "remove"};
  return std::to_string(what.number) + " " + kinds[static_cast<std::size_t>(what.kind)] + " in "
    + std::to_string(what.collection) + " '" + what.key + "' " + what.metadata;
}

} // namespace

simulation::simulation(std::uint32_t seed, std::string path, std::vector<std::string>* trace)
  : path_(std::move(path)),
    trace_(trace),
    random_(seed),
    plan_(make_plan(random_)),
    outside_(std::make_unique<observer>(path_)),
    identity_(outside_->identity()) {
  processes_.resize(plan_.processes);
}

simulation::~simulation() = default;

void simulation::run() {
  for (std::size_t i = 0; i < processes_.size(); ++i)
    start(i);
  for (unsigned i = 0; i < plan_.events; ++i) {
    disturb(static_cast<std::uint32_t>(random_() % 1'000));
    const auto place = random_() % processes_.size();
    if (processes_[place])
      event(*processes_[place]);
    else if (random_() % 4 == 0)
      start(place);
    steps(static_cast<unsigned>(random_() % (plan_.steps_between + 1)));
  }
  settle();
}

void simulation::event(process& in) {
  if (!in.is_closing)
    ask_something(in);
}

void simulation::disturb(std::uint32_t dice) {
  const auto place = random_() % processes_.size();
  auto* which = processes_[place].get();
  const auto hits = [&](std::uint32_t share) {
    const auto hit = dice < share;
    dice -= share;
    return hit;
  };
  if (which == nullptr)
    return;
  if (hits(plan_.part_kills)) {
    if (const auto killed = which->kill_part(random_)) {
      any_lost_parts_ = true;
      note(which, "loses " + test::to_string(*killed));
    }
  } else if (hits(plan_.process_kills)) {
    end(place, true);
  } else if (hits(plan_.closings)) {
    if (!std::exchange(which->is_closing, true)) {
      note(which, "is asked to close");
      which->ask<position>(
        "close",
        [this, which](const result<position>& got) {
          if (!got || (got->number != 0 && got->file != identity_) || got->number > file_.number())
            throw violation{"close answered " + (got ? std::to_string(got->number) : lodge::to_string(got.error()))};
        },
        which->database(), close_atom_v);
    }
  } else if (hits(plan_.clock_ticks)) {
    advance(*which);
  } else if (hits(plan_.checkpoints)) {
    checkpoint();
  }
}

void simulation::steps(unsigned count) {
  for (; count > 0; --count) {
    const auto place = random_() % processes_.size();
    if (auto& which = processes_[place]; which && !which->is_idle())
      step(*which);
    else if (which && which->is_closing && which->unanswered() == 0)
      end(place, false);
  }
}

void simulation::step(process& which) {
  if (trace_ != nullptr)
    note(&which, which.preview(random_, plan_.weights));
  const auto who = which.step(random_, plan_.weights);
  ++steps_;
  hash(which.number() << 16 | who.id);
  if (who.role == role::writer)
    look(&which);
  which.deliver();
}

/// What is new in the file, which one process must have written; nobody, if it is null.
void simulation::look(process* committed_by) {
  if (!outside_ || outside_->sequence() == file_.number())
    return;
  if (committed_by == nullptr)
    throw violation{"the file changed without a writer's step"};
  const auto before = file_.number();
  const auto changes = outside_->changes_after(before);
  writes_.begin_step(committed_by->number());
  for (const auto& each : changes) {
    note(committed_by, "commits " + to_string(each));
    hash(each.number << 8 | static_cast<std::uint64_t>(each.kind));
    writes_.take(each);
    file_.take(each);
  }
  writes_.end_step();
  if (file_.number() != outside_->sequence())
    throw violation{"the log ends at change " + std::to_string(file_.number()) + ", the file at "
                    + std::to_string(outside_->sequence())};
  for (const auto& each : changes)
    if (each.kind == change_kind::base)
      if (const auto base = outside_->base_of(each.collection))
        file_.take(each.collection, *base);
}

void simulation::start(std::size_t place) {
  auto made = std::make_unique<process>(path_, plan_.options, ++started_);
  if (!outside_)
    outside_ = std::make_unique<observer>(path_);
  made->opened_at = file_.number();
  note(made.get(), "starts");
  processes_[place] = std::move(made);
  look(nullptr);
}

void simulation::end(std::size_t place, bool by_kill) {
  auto& which = processes_[place];
  note(which.get(), by_kill ? "is killed" : "has closed");
  const auto number = which->number();
  which.reset();
  writes_.lose(number);
  look(nullptr);
  // Whoever opens the file next finds a WAL that nobody has open.
  if (std::ranges::none_of(processes_, [](const auto& x) { return x != nullptr; }))
    outside_.reset();
}

void simulation::advance(process& which) {
  constexpr std::chrono::milliseconds pauses[] = {1ms, 50ms, 50ms, 100ms, 250ms, 250ms, 1s, 6s};
  const auto pause = pauses[random_() % std::size(pauses)];
  note(&which, "lets " + std::to_string(pause.count()) + " ms pass");
  which.advance(pause);
}

/// Of somebody else's.
void simulation::checkpoint() {
  note(nullptr, "a checkpoint");
  if (auto opened = storage::writer::open(path_))
    (random_() % 2 == 0 ? (*opened)->checkpoint_all(storage::writer::clock::now()) : (*opened)->checkpoint_if_grown())
      .ignore();
}

void simulation::note(const process* which, const std::string& what) {
  if (trace_ != nullptr)
    trace_->push_back((which == nullptr ? "somebody: " : "process " + std::to_string(which->number()) + ": ") + what);
}

void simulation::hash(std::uint64_t value) {
  for (; value > 0; value >>= 8)
    fingerprint_ = (fingerprint_ ^ (value & 255)) * 1'099'511'628'211U;
}

} // namespace lodge::test
