#include <lodge/check.hpp>

#include "actors/segment_bytes.hpp"
#include "storage/check.hpp"
#include "storage/reader.hpp"
#include "storage/schema.hpp"
#include "storage/snapshot.hpp"

#include <algorithm>

namespace lodge {

namespace {

/// The labels of a segment, if its graph can be used and its rows are there, dead or alive.
result<std::vector<std::uint64_t>> check_segment(storage::snapshot& file, const storage::segment_record& record) {
  auto bytes = file.segment_bytes(record);
  if (!bytes)
    return bytes.error();
  auto labels = labels_of(record, *bytes);
  if (!labels)
    return labels;
  if (auto graph = graph_of(record, *bytes); !graph)
    return graph.error();
  if (auto read = file.read_rows(*labels, [](const storage::row_seen&) {}); !read)
    return read.error();
  return labels;
}

finding check_base(storage::snapshot& file) {
  finding made{"base of '" + file.collection().info.name + "'", "none yet", true};
  auto base = file.base();
  if (!base)
    return {made.subject, base.error().detail, false};
  auto living = file.living_labels();
  if (!living)
    return {made.subject, living.error().detail, false};
  if (!*base)
    return made;
  std::vector<std::uint64_t> of_segments;
  for (const auto& segment : (*base)->segments) {
    auto checked = check_segment(file, segment);
    if (!checked)
      return {made.subject, checked.error().detail, false};
    of_segments.insert(of_segments.end(), checked->begin(), checked->end());
  }
  const auto vectors = of_segments.size();
  if (auto covered = check_coverage(*living, (*base)->watermark, std::move(of_segments)); !covered)
    return {made.subject, covered.error().detail, false};
  made.detail = "version " + std::to_string((*base)->version) + ", " + std::to_string(vectors)
    + " vectors, covers change " + std::to_string((*base)->watermark);
  return made;
}

} // namespace

result<bool> check(const std::string& name, const std::function<void(const finding&)>& tell) {
  auto resolved = storage::resolve(name);
  if (!resolved)
    return resolved.error();
  const auto& path = *resolved;
  // One that was not used yet has no -shm to be read by; opening it makes one.
  auto judged = storage::judge_file(path);
  if (!judged && judged.error().code == errc::needs_recovery)
    judged = storage::prepare_file(path, false);
  if (!judged)
    return judged.error();
  bool sound = true;
  const auto note = [&](const finding& what) {
    sound = sound && what.sound;
    tell(what);
  };
  if (auto checked = storage::check_rows(path, note); !checked)
    return checked.error();
  auto file = storage::reader::open(path);
  if (!file)
    return file.error();
  auto collections = (*file)->collections();
  if (!collections)
    return collections.error();
  for (const auto& collection : *collections) {
    auto snapshot = storage::snapshot::open(path, collection.id);
    if (!snapshot)
      return snapshot.error();
    note(check_base(**snapshot));
  }
  return sound;
}

} // namespace lodge
