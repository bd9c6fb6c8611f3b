#include "bench/lodge_graph.hpp"

#include "actors/row_reading.hpp"
#include "actors/segment_bytes.hpp"
#include "bench/fail.hpp"
#include "storage/reader.hpp"
#include "storage/snapshot.hpp"

namespace lodge::bench {

namespace {

/// None if they are not float32: they are only wanted of such.
matrix rows_of(const index::row_pages& rows) {
  const auto& layout = rows.layout();
  matrix made{layout.dimension, {}};
  if (layout.form == vector_form::float32)
    for (const auto& page : rows.pages()) {
      const auto* const first = reinterpret_cast<const float*>(page.block->vector(page.first));
      made.values.insert(made.values.end(), first, first + page.count * layout.dimension);
    }
  return made;
}

} // namespace

lodge_graph read_lodge_graph(const std::string& file) {
  auto short_reads = storage::reader::open(file).or_exit();
  const auto collections = short_reads->collections().or_exit();
  if (collections.size() != 1)
    fail(file + " has " + std::to_string(collections.size()) + " collections, expected one");
  auto opened = storage::snapshot::open(file, collections.front().id).or_exit();
  const auto base = opened->base().or_exit();
  if (!base || base->segments.size() != 1)
    fail(file + " has no base of one segment: compact it first");
  const auto& record = base->segments.front();
  const auto bytes = opened->segment_bytes(record).or_exit();
  const auto reading = row_reading::begin(*opened, labels_of(record, bytes).or_exit()).or_exit();
  while (!reading->done())
    reading->step().or_exit();
  return {rows_of(*reading->rows()), graph_of(record, bytes).or_exit()};
}

} // namespace lodge::bench
