#include "tests/faults/contents.hpp"

#include "storage/check.hpp"
#include "storage/snapshot.hpp"

namespace lodge::test {

namespace {

result<contents::collection> read_collection(const std::string& path, storage::reader& from,
                                             storage::collection_id id) {
  contents::collection read;
  for (page part{{}, true}; part.more;) {
    auto next = from.scan(id, read.rows.empty() ? "" : read.rows.rbegin()->first, 10);
    if (!next)
      return next.error();
    part = *std::move(next);
    for (auto& each : part.records)
      read.rows[each.key] = {std::move(each.vector), std::move(each.metadata)};
  }
  const auto opened = storage::snapshot::open(path, id);
  if (!opened)
    return opened.error();
  const auto base = (*opened)->base();
  if (!base)
    return base.error();
  if (*base) {
    read.base_version = (*base)->version;
    for (const auto& segment : (*base)->segments)
      if (const auto bytes = (*opened)->segment_bytes(segment); !bytes)
        return bytes.error();
  }
  if (const auto labels = (*opened)->living_labels(); !labels)
    return labels.error();
  return read;
}

} // namespace

result<contents> read_contents(const std::string& path, storage::reader& from) {
  const auto names = from.collections();
  if (!names)
    return names.error();
  contents read;
  for (const auto& each : *names) {
    auto rows = read_collection(path, from, each.id);
    if (!rows)
      return rows.error();
    read.collections[each.info.name] = *std::move(rows);
  }
  return read;
}

std::string summary(const contents& what) {
  std::string text;
  for (const auto& [name, each] : what.collections) {
    text.append("'").append(name).append("' base ").append(std::to_string(each.base_version)).append(":");
    for (const auto& [key, row] : each.rows) {
      text.append(" ").append(key);
      if (row.vector)
        text.append("[").append(std::to_string(row.vector->front())).append("]");
      text.append(row.metadata);
    }
    text += "; ";
  }
  return text.empty() ? "nothing" : text;
}

std::string complaints(const std::string& path) {
  std::string text;
  const auto checked = storage::check_rows(path, [&](const finding& what) {
    if (!what.sound)
      text += what.subject + ": " + what.detail + "; ";
  });
  return checked ? text : text + to_string(checked.error());
}

} // namespace lodge::test
