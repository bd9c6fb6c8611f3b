#include "index/view_builder.hpp"

#include "index/kernels.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace lodge::index {

namespace {

// The first block is small, since most deltas are; each next one doubles, so that a view lists few of them.
constexpr std::size_t first_block_rows = 256;
constexpr std::size_t largest_block_rows = 65'536;

bool holds(const row_range& rows, std::uint64_t label) {
  const auto end = rows.first + rows.count;
  const auto row = rows.block->lower_bound(label, end);
  return row >= rows.first && row < end && rows.block->label(row) == label;
}

} // namespace

view_builder::view_builder(lodge::metric metric, const vector_layout& layout)
  : metric_(metric), layout_(layout), writer_(metric, layout.form) {}

void view_builder::load(loaded_rows rows) {
  *this = view_builder{metric_, layout_};
  number_ = rows.number;
  covers_ = rows.covers;
  base_ = rows.base;
  for (auto& loaded : rows.segments) {
    const auto count = loaded.rows->size();
    living_ += count;
    segments_.push_back({std::move(loaded), count});
  }
  delta_ = std::move(rows.delta);
  for (const auto& range : delta_)
    living_ += range.count;
  for (const auto& what : rows.deaths)
    bury(what);
}

void view_builder::put(std::uint64_t label, std::string_view key, std::span<const float> vector) {
  auto& block = open_block();
  writer_.write_row(vector.data(), layout_.dimension, block.next_vector().data());
  block.append_filled(label, key);
  ++delta_.back().count;
  ++living_;
}

void view_builder::bury(death what) {
  deaths_.push_back(what);
  mark_dead(what.label);
}

void view_builder::seal(std::uint64_t number) {
  assert(number >= number_);
  number_ = number;
}

bool view_builder::adopt(const grown_segments& grown) {
#ifndef LODGE_DEFECT_ADOPT_OLDER_BASE
  if (grown.covers < covers_)
    return false;
#endif
  covers_ = grown.covers;
  base_ = grown.base;
  // A base may be ahead of the log that this process has read so far: then the view is the base.
  number_ = std::max(number_, covers_);
  segments_ = grown.segments;
  drop_delta_up_to(covers_);
  const auto add_part = [](std::size_t sum, const view::part& x) { return sum + x.living; };
  const auto add_range = [](std::size_t sum, const row_range& x) { return sum + x.count; };
  living_ = std::accumulate(segments_.begin(), segments_.end(), std::size_t{0}, add_part)
    + std::accumulate(delta_.begin(), delta_.end(), std::size_t{0}, add_range);
  std::erase_if(deaths_, [&](const death& x) { return x.number <= covers_; });
  dead_ = grown.dead;
  for (const auto& what : deaths_)
    mark_dead(what.label);
  return true;
}

void view_builder::attach_graph(std::uint64_t segment_id, std::shared_ptr<const lodge::index::graph> graph) {
  for (auto& part : segments_)
    if (part.rows.id == segment_id)
      part.rows.graph = std::move(graph);
}

view_ptr view_builder::snapshot() const {
  return std::make_shared<const view>(
    view{number_, covers_, base_, metric_, layout_.dimension, layout_.form, segments_, delta_, dead_, living_});
}

std::size_t view_builder::delta_rows() const {
  const auto add = [](std::size_t sum, const row_range& x) { return sum + x.count; };
  return std::accumulate(delta_.begin(), delta_.end(), std::size_t{0}, add);
}

row_block& view_builder::open_block() {
  if (!open_ || open_->full()) {
    const auto rows = open_ ? std::min(2 * open_->capacity(), largest_block_rows) : first_block_rows;
    open_ = std::make_shared<row_block>(layout_, rows);
    delta_.push_back({open_, 0, 0});
  }
  return *open_;
}

void view_builder::mark_dead(std::uint64_t label) {
  for (auto& part : segments_)
    if (part.rows.rows->contains(label)) {
      if (dead_.insert(label)) {
        --part.living;
        --living_;
      }
      return;
    }
  // The deltas' labels ascend from block to block, so one block can hold it.
  const auto after =
    std::ranges::upper_bound(delta_, label, {}, [](const row_range& x) { return x.block->label(x.first); });
  if (after != delta_.begin() && holds(*std::prev(after), label) && dead_.insert(label))
    --living_;
}

void view_builder::drop_delta_up_to(std::uint64_t number) {
  std::vector<row_range> kept;
  for (auto& range : delta_) {
    const auto end = range.first + range.count;
    const auto first = std::max(range.first, range.block->lower_bound(number + 1, end));
    if (first < end || range.block == open_)
      kept.push_back({range.block, first, end - first});
  }
  delta_ = std::move(kept);
  // An open block with no row left starts anew, so that its memory goes.
  if (open_ && !delta_.empty() && delta_.back().count == 0) {
    delta_.pop_back();
    open_.reset();
  }
}

} // namespace lodge::index
