#include "index/search_run.hpp"

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

std::size_t rows_a_tile(std::size_t dimension) {
  return std::clamp<std::size_t>(tile_bytes / sizeof(float) / dimension, 3, 768);
}

bool is_dead(const label_set& dead, std::uint64_t label) {
#ifdef LODGE_DEFECT_SKIP_DEATHS
  return false && dead.contains(label);
#else
  return dead.contains(label);
#endif
}

/// A scan of so few rows takes less time than the graph, and misses nothing.
bool scan_is_cheaper(std::size_t rows, std::size_t ef) { return rows <= 16 * ef; }

search_parameters bounded(search_parameters parameters, std::size_t living) {
  parameters.k = std::min(parameters.k, living);
  parameters.ef = std::max(parameters.ef, parameters.k);
  return parameters;
}

} // namespace

search_run::search_run(const view& where, std::span<const float> queries, std::size_t count,
                       const search_parameters& parameters)
  : where_(where),
    queries_(queries),
    count_(count),
    parameters_(bounded(parameters, where.living)),
    distances_(kernels_for(where.metric)),
    block_size_(std::clamp<std::size_t>(hits_a_block / std::max<std::size_t>(parameters_.k, 1), 1, largest_block)) {
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
  const auto queries = queries_.subspan(finished_ * where_.dimension, size * where_.dimension);
  prepared_.assign(queries.begin(), queries.end());
  for (std::size_t i = 0; i < size; ++i)
    prepare(where_.metric, std::span{prepared_}.subspan(i * where_.dimension, where_.dimension));
  best_.assign(size, nearest{parameters_.k});
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
  const auto has_walk = !parameters_.exact && !is_delta() && where_.segments[part].rows.graph
    && !scan_is_cheaper(where_.segments[part].rows.rows->size(), parameters_.ef);
  if (has_walk)
    return;
  walked_ = best_.size();
  scanning_.resize(best_.size());
  std::iota(scanning_.begin(), scanning_.end(), std::size_t{0});
}

/// The part is scanned for a query for which its graph gives too few.
std::size_t search_run::walk_graph(search_scratch& scratch) {
  const auto of_block = walked_++;
  const auto& part = where_.segments[part_];
  const auto ended = search_graph(part.rows, distances_, {where_.dead}, query(of_block), parameters_.ef, scratch);
  if (ended && scratch.found.size() >= std::min(parameters_.k, part.living)) {
    for (const auto& found : scratch.found)
      best_[of_block].offer(found.distance, *part.rows.rows, static_cast<std::size_t>(found.node));
  } else {
    scanning_.push_back(of_block);
  }
  return parameters_.ef * values_a_candidate * where_.dimension;
}

std::size_t search_run::scan_rows(search_scratch& scratch) {
  const auto& range = ranges()[range_];
  const auto count = std::min(rows_a_tile(where_.dimension), range.count - row_);
  const auto first = range.first + row_;
  const auto kept = scanning_.size() == 1 ? scan_for_one(*range.block, first, first + count)
                                          : scan_for_many(*range.block, first, first + count, scratch);
  row_ += count;
  if (row_ == range.count) {
    ++range_;
    row_ = 0;
  }
  return count * (where_.dimension + values_a_row) * (1 + scanning_.size() / pairs_a_value) + kept * cost_of_hit();
}

std::size_t search_run::cost_of_hit() const {
  return values_a_hit + values_a_level * static_cast<std::size_t>(std::bit_width(parameters_.k));
}

/// One row after the other, without fetching ahead: what memory likes best (measured).
std::size_t search_run::scan_for_one(const row_block& block, std::size_t first, std::size_t end) {
  const auto of_block = scanning_.front();
  const auto* const values = query(of_block).data();
  auto& best = best_[of_block];
  std::size_t kept = 0;
  for (auto row = first; row < end; ++row)
    if (!is_dead(where_.dead, block.label(row)))
      kept += best.offer(distances_.one(values, block.vector(row), where_.dimension), block, row) ? 1 : 0;
  return kept;
}

std::size_t search_run::scan_for_many(const row_block& block, std::size_t first, std::size_t end,
                                      search_scratch& scratch) {
  std::size_t kept = 0;
  scratch.rows.clear();
  scratch.places.clear();
  for (auto row = first; row < end; ++row) {
    if (is_dead(where_.dead, block.label(row)))
      continue;
    scratch.rows.push_back(block.vector(row));
    scratch.places.push_back(row);
  }
  const auto rows = scratch.rows.size();
  scratch.distances.resize(queries_a_tile * rows);
  for (std::size_t done = 0; done < scanning_.size(); done += queries_a_tile) {
    const auto together = std::span{scanning_}.subspan(done, std::min(queries_a_tile, scanning_.size() - done));
    std::array<const float*, queries_a_tile> queries{};
    std::ranges::transform(together, queries.begin(), [&](std::size_t each) { return query(each).data(); });
    distances_.all({std::span{queries}.first(together.size()), scratch.rows, where_.dimension},
                   scratch.distances.data());
    const auto* distance = scratch.distances.data();
    for (const auto of_block : together) {
      auto& best = best_[of_block];
      for (std::size_t row = 0; row < rows; ++row, ++distance)
        if (!best.is_too_far(*distance))
          kept += best.offer(*distance, block, scratch.places[row]) ? 1 : 0;
    }
  }
  return kept;
}

} // namespace lodge::index
