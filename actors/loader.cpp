//  SQLite file ── manifest, rows, chunks ──▶ LOADER ── rows of one number, then graphs ──▶ HOLDER

#include "actors/loader.hpp"

#include "actors/segment_bytes.hpp"

#include <algorithm>

namespace lodge {

namespace {

/// A row that only the base knows of is the base's fault; a living row's damage is met again, and not to be healed.
error as_base_damage(const error& why) {
  return {why.code == errc::corrupt ? errc::base_corrupt : why.code, why.detail};
}

} // namespace

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

result<void> loader_state::read_living() {
  auto read = file->living_labels();
  if (!read)
    return read.error();
  living = *std::move(read);
  return {};
}

result<void> loader_state::add_reading(std::vector<std::uint64_t> labels) {
  auto begun = row_reading::begin(*file, std::move(labels));
  if (!begun)
    return begun.error();
  readings.push_back(*std::move(begun));
  return {};
}

result<void> loader_state::read_base() {
  auto base = file->base();
  if (!base)
    return base.error();
  if (auto read = read_living(); !read)
    return read;
  std::vector<std::uint64_t> of_segments;
  if (*base) {
    for (const auto& record : (*base)->segments) {
      auto bytes = file->segment_bytes(record);
      if (!bytes)
        return bytes.error();
      auto labels = labels_of(record, *bytes);
      if (!labels)
        return labels.error();
      of_segments.insert(of_segments.end(), labels->begin(), labels->end());
      if (auto added = add_reading(*std::move(labels)); !added)
        return as_base_damage(added.error());
      segments.push_back({record, *std::move(bytes)});
    }
    loaded->rows.covers = (*base)->watermark;
  }
  if (auto checked = check_coverage(living, loaded->rows.covers, std::move(of_segments)); !checked)
    return checked;
  const auto after_base = std::ranges::upper_bound(living, loaded->rows.covers);
  return add_reading({after_base, living.end()});
}

result<void> loader_state::plan_rows_without_base(std::string why) {
  segments.clear();
  readings.clear();
  readings_done = 0;
  loaded->base_damage = std::move(why);
  loaded->rows = {loaded->rows.number, 0, {}, {}, {}};
  if (auto read = read_living(); !read)
    return read;
  return add_reading(living);
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
      if (segments.empty() || readings_done >= segments.size()
          || as_base_damage(read.error()).code != errc::base_corrupt)
        return read.error();
      if (auto planned = plan_rows_without_base(read.error().detail); !planned)
        return planned.error();
    } else if (reading.done()) {
      ++readings_done;
    }
    return true;
  }
  if (!rows_given) {
    auto given = give_rows(self);
    if (!given && given.error().code == errc::base_corrupt && !segments.empty())
      given = plan_rows_without_base(given.error().detail);
    if (!given)
      return given.error();
    return true;
  }
  if (segments.empty())
    return false;
  if (auto given = give_graph(self); !given)
    return given.error();
  return true;
}

/// Who is dead is said by the rows themselves, whatever an index says. Rows that were not read are dead by the index
/// alone: a base may be under way that was begun before they died.
result<void> loader_state::take_deaths() {
  auto& deaths = loaded->rows.deaths;
  auto live = std::size_t{0};
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const auto& dead = readings[i]->dead();
    const auto covered = [&](const index::death& each) { return each.number <= loaded->rows.covers; };
    if (i >= segments.size() && !dead.empty())
      return error{errc::corrupt,
                   "an index names the row of label " + std::to_string(dead.front().label)
                     + " among the living, which died"};
    if (std::ranges::any_of(dead, covered))
      return error{errc::base_corrupt, "the base holds a row that died before"};
    live += readings[i]->rows().count - dead.size();
    deaths.insert(deaths.end(), dead.begin(), dead.end());
  }
  if (live != living.size())
    return error{errc::base_corrupt,
                 "the base and the rows after it have " + std::to_string(live) + " living rows, the collection has "
                   + std::to_string(living.size())};
  auto others = file->deaths_after(loaded->rows.covers);
  if (!others)
    return others.error();
  for (const auto& each : *others)
    if (!std::ranges::binary_search(living, each.label))
      deaths.push_back({each.number, each.label});
  return {};
}

result<void> loader_state::give_rows(loader_actor::pointer self) {
  if (auto taken = take_deaths(); !taken)
    return taken;
  living = {};
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
