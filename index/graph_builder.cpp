#include "index/graph_builder.hpp"

#include "index/faiss_errors.hpp"

#include <faiss/IndexHNSW.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lodge::index {

namespace {

/// Rows of a batch meet each other one by one, and do not follow each other's links.
constexpr std::size_t largest_batch = 512;
constexpr std::size_t smallest_share = 16;
constexpr std::size_t rows_a_slice = 64;
/// Values that may be compared in a slice in the worst case, in which every list is full and each link is chosen anew:
/// some hundred milliseconds. Where lists are short it is a hundredth of that.
constexpr std::size_t values_a_slice = 1'000'000'000;

/// Rows whose planning or linking fits into a slice.
std::size_t rows_within(std::size_t dimension, std::size_t links) {
  return std::clamp(values_a_slice / (dimension * links * links * links / 2), std::size_t{1}, rows_a_slice);
}

/// Even bits of any number. Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
std::uint64_t mixed(std::uint64_t bits) {
  bits += 0x9e3779b97f4a7c15U;
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111ebU;
  return bits ^ bits >> 31;
}

/// Level n or above has a share of m to the power of -n of all rows.
int level_of(std::size_t row, std::uint32_t m, int highest) {
  const auto even = (static_cast<double>(mixed(row) >> 11) + 1) * 0x1p-53;
  return std::min(static_cast<int>(-std::log(even) / std::log(static_cast<double>(m))), highest);
}

} // namespace

graph_builder::graph_builder(row_pages_ptr rows, const kernels& distances, graph_options options, const graph* from)
  : rows_(std::move(rows)),
    count_(rows_->size()),
    linked_(from == nullptr ? 0 : from->size()),
    distances_(distances),
    ef_construction_(std::max(options.ef_construction, 1U)),
    index_(std::make_unique<faiss::IndexHNSWFlat>(static_cast<int>(rows_->layout().dimension),
                                                  static_cast<int>(options.m))) {
  auto& hnsw = index_->hnsw;
  hnsw.efConstruction = static_cast<int>(options.ef_construction);
  const auto highest = static_cast<int>(hnsw.cum_nneighbor_per_level.size()) - 2;
  hnsw.levels.resize(count_);
  hnsw.offsets.assign(count_ + 1, 0);
  if (from != nullptr) {
    const auto& grown = from->index().hnsw;
    std::copy_n(grown.levels.data(), linked_, hnsw.levels.data());
    std::copy_n(grown.offsets.data(), linked_ + 1, hnsw.offsets.data());
  }
  for (auto row = linked_; row < count_; ++row) {
    hnsw.levels[row] = level_of(row, options.m, highest) + 1;
    hnsw.offsets[row + 1] = hnsw.offsets[row]
      + static_cast<std::size_t>(hnsw.cum_nneighbor_per_level[static_cast<std::size_t>(hnsw.levels[row])]);
  }
  hnsw.neighbors.resize(hnsw.offsets[count_]);
  if (from != nullptr)
    std::copy_n(from->index().hnsw.neighbors.data(), hnsw.offsets[linked_], hnsw.neighbors.data());
  std::fill(hnsw.neighbors.data() + hnsw.offsets[linked_], hnsw.neighbors.data() + hnsw.offsets[count_], -1);
  index_->ntotal = static_cast<std::int64_t>(count_);
  lists_ = {count_,
            hnsw.offsets.data(),
            hnsw.cum_nneighbor_per_level.data(),
            hnsw.neighbors.data(),
            from == nullptr ? -1 : from->lists().entry,
            from == nullptr ? -1 : from->lists().highest_level};
  plans_.resize(std::min(largest_batch, count_ - linked_));
}

graph_builder::~graph_builder() = default;

result<void> graph_builder::step() {
  const auto slice = rows_within(rows_->layout().dimension, lists_.capacity(0));
  for (const auto begun = linked_; !done();) {
    if (const auto piece = next_piece(slice)) {
      if (auto worked = work(*piece, scratch_); !worked || batch() > slice)
        return worked;
    } else {
      end_phase();
      if (!is_linking_ && linked_ + batch() > begun + slice)
        return {};
    }
  }
  return {};
}

/// A small graph grows row by row.
std::size_t graph_builder::batch() const {
  return std::min(std::clamp(linked_ / smallest_share, std::size_t{1}, largest_batch), count_ - linked_);
}

std::size_t graph_builder::phase_size() const { return is_linking_ ? linked_ + batch() : batch(); }

std::optional<build_piece> graph_builder::next_piece(std::size_t rows) {
  rows = std::min(rows, rows_within(rows_->layout().dimension, lists_.capacity(0)));
  const auto first = given_out_;
  const auto all = phase_size();
  if (first == all)
    return std::nullopt;
  const auto pieces = (batch() + rows - 1) / rows;
  given_out_ = std::min(all, first + (is_linking_ ? (all + pieces - 1) / pieces : rows));
  return build_piece{first, given_out_};
}

result<void> graph_builder::work(const build_piece& piece, walk_scratch& scratch) {
  return attempt(errc::internal, [&]() -> result<void> {
    if (is_linking_)
      link(piece, scratch);
    else
      for (auto i = piece.first; i < piece.end; ++i)
        plan(linked_ + i, plans_[i], scratch);
    return {};
  });
}

void graph_builder::end_phase() {
  given_out_ = 0;
  if (is_linking_)
    end_batch();
  is_linking_ = !is_linking_;
}

std::shared_ptr<const graph> graph_builder::take() {
  auto& hnsw = index_->hnsw;
  hnsw.entry_point = lists_.entry;
  hnsw.max_level = lists_.highest_level;
  return std::make_shared<graph>(std::move(index_));
}

int graph_builder::level(std::size_t row) const { return index_->hnsw.levels[row] - 1; }

void graph_builder::plan(std::size_t row, plan_of_row& planned, walk_scratch& scratch) const {
  const auto highest = level(row);
  planned.resize(static_cast<std::size_t>(highest) + 1);
  const auto* const query = query_of(row, scratch.query);
  graph_walk walk{lists_, *rows_, distances_, query, scratch};
  candidate from;
  if (linked_ > 0)
    from = walk.descend_to(highest);
  for (auto on = highest; on >= 0; --on) {
    auto& chosen = planned[static_cast<std::size_t>(on)];
    chosen.clear();
    if (on <= lists_.highest_level) {
      walk.search_level(
        from, on, ef_construction_, [](std::size_t) { return true; }, count_);
      chosen = scratch.found;
      from = *std::ranges::min_element(chosen);
    }
    add_batch_mates(row, query, on, chosen);
    std::ranges::sort(chosen);
    choose(chosen, lists_.capacity(on), scratch);
  }
}

/// @param candidates A heap, the farthest in front: if they are as many as wanted, only what is nearer is added.
void graph_builder::add_batch_mates(std::size_t row, const void* query, int on,
                                    std::vector<candidate>& candidates) const {
  const auto farthest =
    candidates.size() < ef_construction_ ? std::numeric_limits<float>::infinity() : candidates.front().distance;
  for (auto mate = linked_; mate < row; ++mate)
    if (level(mate) >= on) {
      const auto distance = distances_.one(query, rows_->vector(mate), rows_->layout().dimension);
      if (distance <= farthest)
        candidates.push_back({distance, static_cast<int>(mate)});
    }
}

void graph_builder::choose(std::vector<candidate>& candidates, std::size_t most, walk_scratch& scratch) const {
  std::size_t chosen = 0;
  for (const auto& seen : candidates) {
    if (chosen == most)
      break;
    if (is_diverse(seen, std::span{candidates}.first(chosen), scratch))
      candidates[chosen++] = seen;
  }
  candidates.resize(chosen);
}

bool graph_builder::is_diverse(const candidate& seen, std::span<const candidate> chosen, walk_scratch& scratch) const {
  const auto* const query = query_of(static_cast<std::size_t>(seen.node), scratch.other_query);
  const auto dimension = rows_->layout().dimension;
  std::size_t i = 0;
  for (; i + 4 <= chosen.size(); i += 4) {
    const void* rows[4];
    float distances[4];
    for (std::size_t j = 0; j < 4; ++j)
      rows[j] = rows_->vector(static_cast<std::size_t>(chosen[i + j].node));
    distances_.four(query, rows, dimension, distances);
    if (std::min(std::min(distances[0], distances[1]), std::min(distances[2], distances[3])) < seen.distance)
      return false;
  }
  for (; i < chosen.size(); ++i)
    if (distances_.one(query, rows_->vector(static_cast<std::size_t>(chosen[i].node)), dimension) < seen.distance)
      return false;
  return true;
}

const void* graph_builder::query_of(std::size_t row, std::vector<std::byte>& buffer) const {
  if (distances_.row_as_query == nullptr)
    return rows_->vector(row);
  buffer.resize(rows_->layout().query_bytes());
  distances_.row_as_query(rows_->vector(row), rows_->layout().dimension, buffer.data());
  return buffer.data();
}

void graph_builder::link(const build_piece& nodes, walk_scratch& scratch) {
  const auto is_ours = [&](std::size_t node) { return node >= nodes.first && node < nodes.end; };
  for (std::size_t i = 0; i < batch(); ++i) {
    const auto row = linked_ + i;
    for (std::size_t on = 0; on < plans_[i].size(); ++on) {
      const auto& chosen = plans_[i][on];
      if (is_ours(row))
        std::ranges::transform(chosen, list(static_cast<int>(row), static_cast<int>(on)).begin(), &candidate::node);
      for (const auto& each : chosen)
        if (is_ours(static_cast<std::size_t>(each.node)))
          link_back(each.node, {each.distance, static_cast<int>(row)}, static_cast<int>(on), scratch);
    }
  }
}

void graph_builder::link_back(int node, const candidate& to, int on, walk_scratch& scratch) {
  const auto links = list(node, on);
  const auto end = std::ranges::find(links, -1);
  if (end != links.end()) {
    *end = to.node;
    return;
  }
  std::vector<candidate> all{to};
  const auto* const query = query_of(static_cast<std::size_t>(node), scratch.query);
  for (const auto link : links)
    all.push_back(
      {distances_.one(query, rows_->vector(static_cast<std::size_t>(link)), rows_->layout().dimension), link});
  std::ranges::sort(all);
  choose(all, links.size(), scratch);
  std::ranges::fill(std::ranges::transform(all, links.begin(), &candidate::node).out, links.end(), -1);
}

std::span<int> graph_builder::list(int node, int on) {
  return {index_->hnsw.neighbors.data() + lists_.place(node, on), lists_.capacity(on)};
}

void graph_builder::end_batch() {
  const auto rows = batch();
  for (std::size_t i = 0; i < rows; ++i)
    if (const auto highest = level(linked_ + i); highest > lists_.highest_level) {
      lists_.entry = static_cast<int>(linked_ + i);
      lists_.highest_level = highest;
    }
  linked_ += rows;
}

} // namespace lodge::index
