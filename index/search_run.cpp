#include "index/search_run.hpp"

#include <hwy/cache_control.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

namespace lodge::index {

namespace {

/// What a step may cost, in values of rows that one query is compared with: 2 to 4 ms.
constexpr std::size_t step_cost = 10'000'000;
/// A pair of values in registers takes a quarter of the time in which a value comes from memory (measured).
constexpr std::size_t pairs_a_value = 4;
/// A graph search looks at some twenty rows for each candidate that it keeps, in no order that memory likes.
constexpr std::size_t values_a_candidate = 32;
constexpr std::size_t values_a_visit = 2;
/// What a row costs besides its values, and a hit besides the height of the heap (measured).
constexpr std::size_t values_a_row = 8;
constexpr std::size_t values_a_hit = 64;
constexpr std::size_t values_a_level = 24;

/// With more queries a row's way from memory does not count any more (measured: no gain beyond 100).
constexpr std::size_t largest_block = 256;
/// What one block may find.
constexpr std::size_t hits_a_block = 262'144;

/// Rows that stay in a core's second cache while all queries of a block are compared with them.
constexpr std::size_t tile_bytes = 128 * 1024;
constexpr std::size_t queries_a_tile = 4;

std::size_t rows_a_tile(std::size_t row_bytes) { return std::clamp<std::size_t>(tile_bytes / row_bytes, 3, 768); }

/// Of rough vectors so many are looked at again, unless the search is to be exact.
std::size_t most_candidates(const search_parameters& parameters, const vector_layout& layout) {
  if (!layout.is_rough())
    return parameters.k;
  return parameters.exact ? std::numeric_limits<std::size_t>::max() : 4 * parameters.k + 32;
}

bool is_dead(const label_set& dead, std::uint64_t label) {
#ifdef LODGE_DEFECT_SKIP_DEATHS
  return false && dead.contains(label);
#else
  return dead.contains(label);
#endif
}

/// Whether a scan of all rows takes less time than the graph; it misses nothing.
bool scan_is_cheaper(std::size_t rows, std::size_t ef) { return rows <= 16 * ef; }

/// The same of the rows that a filter lets through. A walk passes by the others, as many as there are of them for each
/// that it keeps (measured at 100,000 × 100: 2.6 µs for each of those, 35 ns a row of the scan).
bool scan_is_cheaper(std::size_t allowed, std::size_t rows, std::size_t ef) {
  const auto share = static_cast<double>(allowed) / static_cast<double>(std::max<std::size_t>(rows, 1));
  return static_cast<double>(allowed) * share <= 64 * static_cast<double>(ef);
}

/// How many of a graph's candidates are wanted.
std::size_t wanted(const search_parameters& parameters, std::size_t living) {
  return std::min(parameters.k + std::min(parameters.within.skipped, living), living);
}

bool has_radius(const search_parameters& parameters) {
  return parameters.within.farthest != std::numeric_limits<float>::infinity();
}

/// With a radius there may be far fewer hits than k: the candidates become more as long as all are within it.
search_parameters bounded(search_parameters parameters, std::size_t living) {
  parameters.k = std::min(parameters.k, living);
  if (!has_radius(parameters))
    parameters.ef = std::max(parameters.ef, wanted(parameters, living));
  return parameters;
}

/// Has the processor fetch a vector: rows that lie apart from each other it would wait for one by one.
void fetch(const std::byte* vector, std::size_t bytes) {
  constexpr std::size_t cache_line = 64;
  // Of a longer one the processor fetches the rest by itself.
  constexpr std::size_t most = 8 * cache_line;
  for (std::size_t at = 0; at < std::min(bytes, most); at += cache_line)
    hwy::Prefetch(vector + at);
}

/// The first row from `row` on whose label is not below `label`. Labels ascend by one or more.
std::size_t place_of(const row_block& block, std::uint64_t label, std::size_t row, std::size_t end) {
  if (row == end || block.label(row) >= label)
    return row;
  const auto farthest = std::min<std::uint64_t>(end - row, label - block.label(row) + 1);
  const auto* const labels = block.labels();
  return static_cast<std::size_t>(
    std::lower_bound(labels + row, labels + row + static_cast<std::size_t>(farthest), label) - labels);
}

} // namespace

search_run::search_run(const view& where, std::span<const float> queries, std::size_t count,
                       const search_parameters& parameters)
  : where_(where),
    queries_(queries),
    count_(count),
    parameters_(bounded(parameters, where.living)),
    distances_(kernels_for(where.metric, where.form)),
    writer_(where.metric, where.form),
    row_bytes_(where.layout().row_bytes()),
    query_bytes_(where.layout().query_bytes()),
    block_size_(std::clamp<std::size_t>(hits_a_block / std::max<std::size_t>(parameters_.k, 1), 1, largest_block)),
    work_(where.segments.size() + 1) {
  if (!done())
    begin_block();
}

void search_run::step(search_scratch& scratch) {
  for (std::size_t cost = 0; !done() && cost < step_cost;)
    cost += advance(scratch);
}

std::vector<neighbour> search_run::take() {
  auto taken = std::move(ready_.front());
  ready_.pop_front();
  return taken;
}

/// The next piece of work, and its cost.
std::size_t search_run::advance(search_scratch& scratch) {
  if (walked_ < best_.size())
    return walk_graph(scratch);
  if (!scanning_.empty() && range_ < ranges().size())
    return scan_rows(scratch);
  if (!is_delta()) {
    begin_part(part_ + 1);
    return 0;
  }
  const auto cost = prepared_.size() + best_.size() * parameters_.k * values_a_level;
  end_block();
  return cost;
}

void search_run::begin_block() {
  const auto size = std::min(block_size_, count_ - finished_);
  prepared_.resize(size * query_bytes_);
  for (std::size_t i = 0; i < size; ++i)
    writer_.write_query(queries_.data() + (finished_ + i) * where_.dimension, where_.dimension,
                        prepared_.data() + i * query_bytes_);
  best_.assign(size, nearest{parameters_.k, parameters_.within, most_candidates(parameters_, where_.layout())});
  begin_part(0);
}

void search_run::end_block() {
  for (auto& each : best_)
    ready_.push_back(std::move(each).sorted());
  finished_ += best_.size();
  if (!done())
    begin_block();
}

void search_run::begin_part(std::size_t part) {
  part_ = part;
  walked_ = 0;
  range_ = 0;
  row_ = 0;
  scanning_.clear();
  if (!parameters_.exact && !is_delta() && where_.segments[part].rows.graph) {
    const auto rows = where_.segments[part].rows.rows->size();
    candidates_ = most_hits(where_.segments[part]);
    const auto is_scanned = parameters_.allowed == nullptr ? scan_is_cheaper(rows, parameters_.ef)
                                                           : scan_is_cheaper(candidates_, rows, parameters_.ef);
    if (!is_scanned)
      return;
  }
  walked_ = best_.size();
  scanning_.resize(best_.size());
  std::iota(scanning_.begin(), scanning_.end(), std::size_t{0});
}

std::size_t search_run::most_hits(const view::part& part) const {
  const auto& rows = *part.rows.rows;
  if (parameters_.allowed == nullptr || rows.size() == 0)
    return rows.size();
  return std::min(part.living, parameters_.allowed->count(rows.label(0), rows.label(rows.size() - 1)));
}

/// The part is scanned for a query for which its graph gives too few, or has been searched for as long as that takes.
std::size_t search_run::walk_graph(search_scratch& scratch) {
  const auto of_block = walked_++;
  const auto& part = where_.segments[part_];
  auto& work = work_[part_];
  const admission admitted{where_.dead, parameters_.allowed};
  ++work.graph_searches;
  std::size_t visited = 0;
  for (auto ef = parameters_.ef;; ef *= 2) {
    const auto most = std::max(parameters_.allowed == nullptr ? part.rows.rows->size() / 2 : candidates_, 2 * ef);
    const auto ended = search_graph(part.rows, distances_, admitted, query(of_block), ef, most, scratch);
    visited += scratch.visited;
    if (ended && has_enough(of_block, scratch, ef)) {
      for (const auto& found : scratch.found) {
        const auto row = static_cast<std::size_t>(found.node);
        const auto doubt = doubt_of(of_block, found.distance, part.rows.rows->vector(row));
        best_[of_block].offer(found.distance, doubt, *part.rows.rows, row);
      }
      break;
    }
    if (!ended || scratch.found.size() < ef) {
      scanning_.push_back(of_block);
      break;
    }
  }
  work.visited += visited;
  return std::max(values_a_visit * visited, values_a_candidate * parameters_.ef) * where_.dimension;
}

/// With a radius: all within it, or as many as are wanted. Else: as many as there can be.
bool search_run::has_enough(std::size_t of_block, const search_scratch& scratch, std::size_t ef) const {
  const auto most = std::min(wanted(parameters_, where_.living), std::min(candidates_, where_.segments[part_].living));
  if (scratch.found.size() >= most)
    return true;
  if (!has_radius(parameters_) || scratch.found.size() < std::min(ef, most) || scratch.found.empty())
    return false;
  const auto& [distance, node] = scratch.found.back();
  const auto* const vector = where_.segments[part_].rows.rows->vector(static_cast<std::size_t>(node));
  return distance - doubt_of(of_block, distance, vector) > parameters_.within.farthest;
}

float search_run::doubt_of(std::size_t of_block, float distance, const void* vector) const {
  if (distances_.doubt == nullptr)
    return 0;
  return distances_.doubt(query(of_block), vector, where_.dimension, distance,
                          parameters_.exact ? certainty::full : certainty::likely);
}

std::size_t search_run::scan_rows(search_scratch& scratch) {
  const auto& range = ranges()[range_];
  auto& work = work_[part_];
  // Each range begins with a piece of its first row.
  if (range_ == 0 && row_ == 0)
    work.scans += scanning_.size();
  const auto from = row_;
  const auto kept = parameters_.allowed == nullptr ? scan_living(range, scratch) : scan_allowed(range, scratch);
  const auto compared = parameters_.allowed == nullptr ? row_ - from : scratch.rows.size();
  work.scanned += compared;
  if (row_ == range.count) {
    ++range_;
    row_ = 0;
  }
  return compared * (where_.dimension + values_a_row) * (1 + scanning_.size() / pairs_a_value) + kept * cost_of_hit();
}

std::size_t search_run::cost_of_hit() const {
  return values_a_hit + values_a_level * static_cast<std::size_t>(std::bit_width(parameters_.k));
}

std::size_t search_run::scan_living(const row_range& range, search_scratch& scratch) {
  const auto first = range.first + row_;
  const auto count = std::min(rows_a_tile(row_bytes_), range.count - row_);
  row_ += count;
  if (scanning_.size() == 1)
    return scan_for_one(*range.block, first, first + count);
  scratch.rows.clear();
  scratch.places.clear();
  for (auto row = first; row < first + count; ++row)
    if (!is_dead(where_.dead, range.block->label(row)))
      gather(*range.block, row, scratch);
  return compare_gathered(*range.block, scratch);
}

/// Four rows at a time, each of another quarter: memory gives more to four readers than to one.
std::size_t search_run::scan_for_one(const row_block& block, std::size_t first, std::size_t end) {
  const auto of_block = scanning_.front();
  const auto* const asked = query(of_block);
  auto& best = best_[of_block];
  std::size_t kept = 0;
  const auto offer = [&](float distance, std::size_t row) {
    const auto doubt = doubt_of(of_block, distance, block.vector(row));
    if (!best.is_too_far(distance - doubt) && !is_dead(where_.dead, block.label(row)))
      kept += best.offer(distance, doubt, block, row) ? 1 : 0;
  };
  const auto quarter = (end - first) / 4;
  for (auto row = first; row < first + quarter; ++row) {
    const void* rows[4];
    float distances[4];
    for (std::size_t j = 0; j < 4; ++j)
      rows[j] = block.vector(row + j * quarter);
    distances_.four(asked, rows, where_.dimension, distances);
    for (std::size_t j = 0; j < 4; ++j)
      offer(distances[j], row + j * quarter);
  }
  for (auto row = first + 4 * quarter; row < end; ++row)
    offer(distances_.one(asked, block.vector(row), where_.dimension), row);
  return kept;
}

std::size_t search_run::scan_allowed(const row_range& range, search_scratch& scratch) {
  const auto& block = *range.block;
  const auto end = range.first + range.count;
  const auto most = rows_a_tile(row_bytes_);
  auto row = range.first + row_;
  row_ = range.count;
  scratch.rows.clear();
  scratch.places.clear();
  if (row == end)
    return 0;
  parameters_.allowed->visit(block.label(row), block.label(end - 1), [&](std::uint64_t label) {
    row = place_of(block, label, row, end);
    if (scratch.rows.size() == most) {
      row_ = row - range.first;
      return false;
    }
    if (row < end && block.label(row) == label && !is_dead(where_.dead, label)) {
      fetch(block.vector(row), row_bytes_);
      gather(block, row, scratch);
    }
    return row < end;
  });
  return compare_gathered(block, scratch);
}

void search_run::gather(const row_block& block, std::size_t row, search_scratch& scratch) {
  scratch.rows.push_back(block.vector(row));
  scratch.places.push_back(row);
}

std::size_t search_run::compare_gathered(const row_block& block, search_scratch& scratch) {
  std::size_t kept = 0;
  const auto rows = scratch.rows.size();
  scratch.distances.resize(queries_a_tile * rows);
  for (std::size_t done = 0; done < scanning_.size(); done += queries_a_tile) {
    const auto together = std::span{scanning_}.subspan(done, std::min(queries_a_tile, scanning_.size() - done));
    std::array<const void*, queries_a_tile> queries{};
    std::ranges::transform(together, queries.begin(), [&](std::size_t each) { return query(each); });
    distances_.all({std::span{queries}.first(together.size()), scratch.rows, where_.dimension},
                   scratch.distances.data());
    const auto* distance = scratch.distances.data();
    for (const auto of_block : together) {
      auto& best = best_[of_block];
      for (std::size_t row = 0; row < rows; ++row, ++distance) {
        const auto doubt = doubt_of(of_block, *distance, scratch.rows[row]);
        if (!best.is_too_far(*distance - doubt))
          kept += best.offer(*distance, doubt, block, scratch.places[row]) ? 1 : 0;
      }
    }
  }
  return kept;
}

} // namespace lodge::index
