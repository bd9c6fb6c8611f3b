#include "index/search.hpp"

#include <algorithm>

namespace lodge::index {

namespace {

/// The k smallest of all that is offered.
class nearest {
public:
  explicit nearest(std::size_t k) : k_(k) {}

  template <class Rows>
  void offer(float distance, const Rows& rows, std::size_t row) {
    if (best_.size() == k_ && (k_ == 0 || distance > best_.front().distance))
      return;
    const neighbour offered{distance, rows.label(row), rows.key(row)};
    if (best_.size() == k_) {
      if (!(offered < best_.front()))
        return;
      std::ranges::pop_heap(best_);
      best_.back() = offered;
    } else {
      best_.push_back(offered);
    }
    std::ranges::push_heap(best_);
  }

  std::vector<neighbour> sorted() && {
    std::ranges::sort_heap(best_);
    return std::move(best_);
  }

private:
  std::size_t k_;
  std::vector<neighbour> best_;
};

bool is_dead(const label_set& dead, std::uint64_t label) {
#ifdef LODGE_DEFECT_SKIP_DEATHS
  return false && dead.contains(label);
#else
  return dead.contains(label);
#endif
}

/// One row after the other, without fetching ahead: what memory likes best (measured).
void scan(const row_range& rows, const label_set& dead, const kernels& distances, std::span<const float> query,
          nearest& best) {
  const auto& block = *rows.block;
  for (auto row = rows.first; row < rows.first + rows.count; ++row)
    if (!is_dead(dead, block.label(row)))
      best.offer(distances.one(query.data(), block.vector(row), query.size()), block, row);
}

/// A graph search looks at some twenty rows for each candidate that it keeps, in no order that memory likes: a scan
/// of so few rows takes less time, and misses nothing.
bool scan_is_cheaper(std::size_t rows, std::size_t ef) { return rows <= 16 * ef; }

void search_segment(const view::part& part, const label_set& dead, const kernels& distances,
                    std::span<const float> query, const search_parameters& parameters, search_scratch& scratch,
                    nearest& best) {
  const auto ef = std::max(parameters.ef, parameters.k);
  const auto& rows = *part.rows.rows;
  if (!parameters.exact && part.rows.graph && !scan_is_cheaper(rows.size(), ef)) {
    const auto ended = search_graph(part.rows, distances, {dead}, query, ef, scratch);
    if (ended && scratch.found.size() >= std::min(parameters.k, part.living)) {
      for (const auto& found : scratch.found)
        best.offer(found.distance, rows, static_cast<std::size_t>(found.node));
      return;
    }
  }
  for (const auto& page : rows.pages())
    scan(page, dead, distances, query, best);
}

} // namespace

std::vector<neighbour> search(const view& where, std::span<const float> query, const search_parameters& parameters,
                              search_scratch& scratch) {
  const auto distances = kernels_for(where.metric);
  scratch.query.assign(query.begin(), query.end());
  prepare(where.metric, scratch.query);
  auto bounded = parameters;
  bounded.k = std::min(parameters.k, where.living);
  nearest best{bounded.k};
  for (const auto& part : where.segments)
    search_segment(part, where.dead, distances, scratch.query, bounded, scratch, best);
  for (const auto& rows : where.delta)
    scan(rows, where.dead, distances, scratch.query, best);
  return std::move(best).sorted();
}

} // namespace lodge::index
