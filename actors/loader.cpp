//  SQLite file ── manifest, rows, chunks ──▶ LOADER ── rows of one number, then graphs ──▶ HOLDER

#include "actors/loader.hpp"

#include "actors/segment_bytes.hpp"

#include <algorithm>

namespace lodge {

result<void> loader_state::open() {
  auto opened = storage::snapshot::open(path, collection);
  if (!opened)
    return opened.error();
  file = *std::move(opened);
  loaded->rows.number = file->number();
  auto base = read_base();
  if (!base && base.error().code != errc::base_corrupt)
    return base;
  return base ? base : plan_rows_without_base(base.error().detail);
}

result<void> loader_state::read_base() {
  auto base = file->base();
  if (!base)
    return base.error();
  auto living = file->living_labels();
  if (!living)
    return living.error();
  if (*base) {
    for (const auto& record : (*base)->segments) {
      auto bytes = file->segment_bytes(record);
      if (!bytes)
        return bytes.error();
      auto labels = labels_of(record, *bytes);
      if (!labels)
        return labels.error();
      readings.push_back(std::make_unique<row_reading>(*file, *std::move(labels)));
      segments.push_back({record, *std::move(bytes)});
    }
    loaded->rows.covers = (*base)->watermark;
  }
  const auto after_base = std::ranges::upper_bound(*living, loaded->rows.covers);
  readings.push_back(std::make_unique<row_reading>(*file, std::vector(after_base, living->end())));
  return {};
}

result<void> loader_state::plan_rows_without_base(std::string why) {
  segments.clear();
  readings.clear();
  readings_done = 0;
  loaded->base_damage = std::move(why);
  loaded->rows.covers = 0;
  auto living = file->living_labels();
  if (!living)
    return living.error();
  readings.push_back(std::make_unique<row_reading>(*file, *std::move(living)));
  return {};
}

result<bool> loader_state::step(loader_actor::pointer self) {
  if (!file) {
    if (auto opened = open(); !opened)
      return opened.error();
    return true;
  }
  if (readings_done < readings.size()) {
    auto& reading = *readings[readings_done];
    if (auto read = reading.done() ? result<void>{} : reading.step(); !read) {
      // A row that only the base knows of is the base's fault; a living row's damage is not to be healed.
      if (read.error().code != errc::corrupt || segments.empty() || readings_done >= segments.size())
        return read.error();
      if (auto planned = plan_rows_without_base(read.error().detail); !planned)
        return planned.error();
    } else if (reading.done()) {
      ++readings_done;
    }
    return true;
  }
  if (!rows_given) {
    if (auto given = give_rows(self); !given)
      return given.error();
    return true;
  }
  if (segments.empty())
    return false;
  if (auto given = give_graph(self); !given)
    return given.error();
  return true;
}

result<void> loader_state::give_rows(loader_actor::pointer self) {
  // Also of rows that no segment of today holds: a base may be under way that was begun before they died.
  auto deaths = file->deaths_after(loaded->rows.covers);
  if (!deaths)
    return deaths.error();
  for (const auto& each : *deaths)
    loaded->rows.deaths.push_back({each.number, each.label});
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const auto rows = readings[i]->rows();
    if (i < segments.size())
      loaded->rows.segments.push_back({segments[i].record.id, rows, nullptr});
    else if (rows.count > 0)
      loaded->rows.delta.push_back(rows);
  }
  readings.clear();
  readings_done = 0;
  rows_given = true;
  self->send(holder, adopt_atom_v, loaded_collection_ptr{loaded});
  return {};
}

result<void> loader_state::give_graph(loader_actor::pointer self) {
  const auto segment = std::move(segments.front());
  segments.pop_front();
  auto graph = graph_of(segment.record, segment.bytes);
  if (!graph)
    return graph.error();
  self->send(holder, adopt_atom_v, loaded_graph{load, segment.record.id, *std::move(graph)});
  return {};
}

loader_actor::behavior_type loader(loader_actor::stateful_pointer<loader_state> self, std::string path,
                                   collection_id collection, std::uint64_t load, holder_actor holder) {
  self->state.load = load;
  self->state.loaded->load = load;
  self->state.path = std::move(path);
  self->state.collection = collection;
  self->state.holder = std::move(holder);
  self->send(self, next_atom_v);
  return {
    [self](next_atom) {
      auto more = self->state.step(self);
      if (!more)
        self->send(self->state.holder, adopt_atom_v, load_failure{self->state.load, more.error()});
      if (more && *more)
        self->send(self, next_atom_v);
      else
        self->quit();
    },
  };
}

} // namespace lodge
