//  COMPACTOR ── view ──▶ INDEX HOLDER                      what there is to do, and from where
//      │ ── pieces ──▶ BUILD WORKER × n                    builds
//      │ ── grown segments ──▶ INDEX HOLDER
//      └── segment, chunks, publish, sweep ──▶ WRITER      publishes

#include "actors/caf_errors.hpp"
#include "actors/compaction_threshold.hpp"
#include "actors/compactor.hpp"

namespace lodge {

namespace {

/// Linked in some seconds, so that what searches must scan shrinks step by step.
constexpr std::size_t rows_a_growth_in_memory = 16'384;
/// Linked within a second or so. With more, the next to open the file makes the base.
constexpr std::size_t most_rows_at_close = 4'096;

std::size_t rows_outside_graph(const index::view& view) {
  std::size_t rows = 0;
  for (const auto& range : view.delta)
    rows += range.count;
  return rows;
}

} // namespace

/// Asks WRITER for something of the current run; the answer is dropped if that run has ended meanwhile.
template <class Reply, class Then, class... Ts>
void compactor_state::ask_writer(self_pointer self, Then then, Ts&&... request) {
  const auto number = current->number;
  self->request(neighbours->writer, caf::infinite, std::forward<Ts>(request)...)
    .then(
      [self, number, then](const Reply& reply) {
        if (auto& s = self->state; s.current && s.current->number == number)
          then(s, reply);
      },
      [self, number](caf::error& failure) {
        if (auto& s = self->state; s.current && s.current->number == number)
          s.fail(self, from_caf(failure));
      });
}

void compactor_state::sweep(self_pointer self, void (compactor_state::*then)(self_pointer)) {
  ask_writer<bool>(
    self,
    [self, then](compactor_state& s, bool more) {
      if (more)
        s.sweep(self, then);
      else
        (s.*then)(self);
    },
    sweep_atom_v);
}

void compactor_state::next(self_pointer self) { self->send(self, next_atom_v, current->number); }

/// What there is to do, and from which view.
void compactor_state::plan(self_pointer self) {
  auto& run = *current;
  const auto row = file->collection(run.collection);
  const auto distance = file->distance_to_base(run.collection);
  if (!row || !distance)
    return fail(self, row ? distance.error() : row.error());
  run.info = row->info;
  // Another process may have published meanwhile.
  if (run.publishes && !run.asked && !run.replace && !reaches(*distance, threshold)
      && !reaches(*distance, idle_threshold))
    return finish(self);
  if (run.publishes && distance->changes == 0 && distance->version > 0 && !run.replace && !run.rebuild) {
    // Its version stays 0: nothing is published.
    run.manifest.watermark = distance->watermark;
    run.vectors = run.info.vectors;
    return forget_history(self);
  }
  auto present = file->base(run.collection);
  if (!present)
    return fail(self, present.error());
  if (*present)
    run.present = *std::move(*present);
  const auto version = run.present.version + 1;
  run.manifest = {version, run.rebuild || version == 1 ? version : version - 1, 0, run.present.watermark, {}};
  const auto& holder = orders[run.collection].holder;
  if (!holder)
    return start_build(self, nullptr);
  const auto number = run.number;
  const auto go_on = [self, number](const index::view_ptr& view) {
    if (auto& s = self->state; s.current && s.current->number == number)
      s.start_build(self, view);
  };
  self->request(holder, caf::infinite, view_atom_v, run.publishes ? distance->counted_to : std::uint64_t{0})
    .then(go_on, [go_on](const caf::error&) { go_on(nullptr); });
}

void compactor_state::start_build(self_pointer self, index::view_ptr view) {
  auto& run = *current;
  if (!run.publishes && !view)
    return finish(self);
  if (closer && !run.asked && (!view || rows_outside_graph(*view) > most_rows_at_close))
    return finish(self);
  index::growth_options options;
  options.rebuild = run.rebuild;
  options.largest_segment = largest_segment;
  if (!run.publishes)
    options.most_new_rows = rows_a_growth_in_memory;
  // What grew from another base than the present one cannot take its place.
  const auto base = run.publishes ? run.present.version : view->base;
  run.build =
    std::make_unique<compaction_run>(compaction_start{path, run.collection, run.info, std::move(view), base}, options);
  hire_workers(self);
  build(self);
}

void compactor_state::hire_workers(self_pointer self) {
  if (build_workers < 2)
    return;
  const auto number = current->number;
  current->workers =
    std::make_shared<build_crew>(self, run_mode, build_workers, [self, number](const result<void>& done) {
      if (auto& s = self->state; s.current && s.current->number == number) {
        if (done)
          s.build(self);
        else
          s.fail(self, done.error());
      }
    });
}

void compactor_state::build(self_pointer self) {
  auto& run = *current;
  if (run.build->done())
    return end_build(self);
  auto& shown = orders[run.collection].stats.state;
  shown = run.publishes ? run.build->progress() : "growing";
  if (auto graph = run.build->building(); graph && run.workers && run.workers->takes(*graph))
    return run.workers->do_phase(std::move(graph));
  if (auto stepped = run.build->step(); !stepped)
    return fail(self, stepped.error());
  next(self);
}

void compactor_state::end_build(self_pointer self) {
  auto& run = *current;
  auto grown = run.build->take();
  run.build.reset();
  run.workers.reset();
  tell_holder(self, grown);
  if (!run.publishes)
    return finish(self);
  run.manifest.watermark = grown.covers;
  for (const auto& part : grown.segments)
    run.vectors += part.living;
  run.writing.emplace(run.collection, std::move(grown), run.present.segments);
  orders[run.collection].stats.state = "writing";
  write_segments(self);
}

void compactor_state::tell_holder(self_pointer self, index::grown_segments grown) {
  if (const auto& holder = orders[current->collection].holder)
    self->send(holder, adopt_atom_v,
               grown_segments_ptr{std::make_shared<const index::grown_segments>(std::move(grown))});
}

void compactor_state::write_segments(self_pointer self) {
  const auto more = current->writing->next_segment();
  if (!more)
    return fail(self, more.error());
  if (!*more)
    return publish(self);
  ask_writer<std::uint64_t>(
    self,
    [self](compactor_state& s, std::uint64_t id) {
      s.current->writing->name(id);
      s.write_chunk(self);
    },
    segment_atom_v);
}

void compactor_state::write_chunk(self_pointer self) {
  auto made = current->writing->next_chunk();
  if (!made)
    return write_segments(self);
  ask_writer<bool>(
    self, [self](compactor_state& s, bool) { s.write_chunk(self); }, chunk_atom_v, *std::move(made));
}

void compactor_state::publish(self_pointer self) {
  current->manifest.segments = current->writing->records();
  ask_writer<std::uint64_t>(
    self,
    [self](compactor_state& s, std::uint64_t) {
      auto& run = *s.current;
      s.tell_holder(self, run.writing->published(run.manifest.version));
      run.writing.reset();
      ++s.orders[run.collection].stats.compactions;
      if (run.askers.empty())
        s.sweep(self, &compactor_state::finish);
      else
        s.forget_history(self);
    },
    publish_atom_v, current->collection, current->manifest);
}

/// Whoever asked for a compaction wants the space back now, and not with the one after it.
void compactor_state::forget_history(self_pointer self) {
  orders[current->collection].stats.state = "sweeping";
  ask_writer<bool>(
    self, [self](compactor_state& s, bool) { s.sweep(self, &compactor_state::finish); }, forget_atom_v,
    current->collection);
}

} // namespace lodge
