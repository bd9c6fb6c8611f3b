#include "bench/lodge_graph.hpp"

#include "actors/row_reading.hpp"
#include "actors/segment_bytes.hpp"
#include "bench/fail.hpp"
#include "storage/reader.hpp"
#include "storage/snapshot.hpp"

namespace lodge::bench {

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
  const auto& rows = *reading->rows();
  matrix vectors{rows.dimension(), {}};
  for (const auto& page : rows.pages()) {
    const auto* first = page.block->vector(page.first);
    vectors.values.insert(vectors.values.end(), first, first + page.count * rows.dimension());
  }
  return {std::move(vectors), graph_of(record, bytes).or_exit()};
}

} // namespace lodge::bench
