#include "index/segment_growth.hpp"

#include "index/faiss_errors.hpp"

#include <algorithm>
#include <utility>

namespace lodge::index {

namespace {

constexpr std::size_t dead_percent_for_rebuild = 30;
/// So small a part of the largest segment is built anew within a second: nothing dead stays in it.
constexpr std::size_t small_part = 1'000;
constexpr std::size_t rows_a_slice = 4'096;

} // namespace

segment_growth::segment_growth(view_ptr from, const growth_options& options)
  : from_(std::move(from)), options_(options), distances_(kernels_for(from_->metric, from_->form)) {
  // Nodes are numbered by int.
  options_.largest_segment = std::clamp(options_.largest_segment, std::size_t{1}, std::size_t{INT32_MAX});
  made_.covers = from_->number;
  made_.base = from_->base;
  plan();
}

bool segment_growth::is_to_be_rebuilt(const view::part& part) const {
  const auto rows = part.rows.rows->size();
  const auto dead = rows - part.living;
  return options_.rebuild || !part.rows.graph || part.rows.graph->m() != options_.graph.m
    || dead * 100 >= rows * dead_percent_for_rebuild || (dead > 0 && rows <= options_.largest_segment / small_part);
}

void segment_growth::plan() {
  const auto added = new_rows();
  const auto& parts = from_->segments;
  // In the order of their labels, those that stay too. Whether what comes next can go into the last job:
  auto is_open = false;
  for (const auto& part : parts) {
    if (is_to_be_rebuilt(part)) {
      if (!is_open)
        jobs_.emplace_back();
      is_open = true;
      for (const auto& page : part.rows.rows->pages())
        add_sources(jobs_.back(), page);
    } else {
      jobs_.emplace_back().from = part.rows;
      is_open = &part == &parts.back() && part.rows.rows->size() < options_.largest_segment;
    }
  }
  if (!added.empty() && !is_open)
    jobs_.emplace_back();
  for (const auto& range : added)
    add_sources(jobs_.back(), range);
}

/// The delta, or so much of it as is wanted; and what the segments cover then.
std::vector<row_range> segment_growth::new_rows() {
  std::vector<row_range> rows;
  std::size_t count = 0;
  for (const auto& range : from_->delta) {
    const auto taken = std::min(range.count, options_.most_new_rows - count);
    if (taken > 0)
      rows.push_back({range.block, range.first, taken});
    count += taken;
    if (taken < range.count) {
      made_.covers = range.block->label(range.first + taken) - 1;
      break;
    }
  }
  return rows;
}

void segment_growth::add_sources(job& to, const row_range& rows) {
  to.sources.push_back(rows);
  to.sources_left += rows.count;
  rows_to_link_ += rows.count;
}

result<void> segment_growth::step() {
  return attempt(errc::internal, [&] { return slice(); });
}

result<void> segment_growth::slice() {
  auto& now = jobs_.front();
  const auto is_kept = now.from && (rows_ ? rows_->size() == now.from->rows->size() : !copied_ && now.sources.empty());
  if (is_kept) {
    keep(*now.from);
    end_job();
  } else if (!rows_) {
    copy(now);
  } else if (rows_->size() == 0) {
    end_job();
  } else if (!builder_) {
    const auto* present = now.from ? now.from->graph.get() : nullptr;
    builder_ = std::make_shared<graph_builder>(rows_, distances_, options_.graph, present);
    linked_before_ = builder_->linked();
  } else if (!builder_->done()) {
    return builder_->step();
  } else {
    keep({0, rows_, builder_->take()});
    end_job();
  }
  return {};
}

void segment_growth::copy(job& what) {
  if (!copied_) {
    const auto most = (what.from ? what.from->rows->size() : 0) + what.sources_left;
    const auto expected = std::min(most, options_.largest_segment);
    if (what.from)
      copied_.emplace(*what.from->rows, expected);
    else
      copied_.emplace(from_->layout(), expected);
  }
  for (std::size_t seen = 0; seen < rows_a_slice && !what.sources.empty(); ++seen) {
    if (copied_->size() >= options_.largest_segment)
      return split();
    auto& rows = what.sources.front();
    if (const auto label = rows.block->label(rows.first); from_->dead.contains(label))
      --rows_to_link_;
    else
      copied_->append(label, rows.block->key(rows.first), rows.block->vector(rows.first));
    ++rows.first;
    --what.sources_left;
    if (--rows.count == 0)
      what.sources.pop_front();
  }
  if (what.sources.empty())
    rows_ = copied_->take();
}

void segment_growth::end_job() {
  rows_linked_ = rows_linked();
  builder_.reset();
  rows_.reset();
  copied_.reset();
  jobs_.pop_front();
}

void segment_growth::split() {
  rows_ = copied_->take();
  job rest;
  rest.sources = std::exchange(jobs_.front().sources, {});
  rest.sources_left = jobs_.front().sources_left;
  jobs_.insert(jobs_.begin() + 1, std::move(rest));
}

void segment_growth::keep(segment what) {
  const auto rows = what.rows->size();
  std::size_t dead = 0;
  for (std::size_t row = 0; row < rows; ++row)
    if (const auto label = what.rows->label(row); from_->dead.contains(label)) {
      made_.dead.insert(label);
      ++dead;
    }
  made_.segments.push_back({std::move(what), rows - dead});
}

grown_segments segment_growth::take() { return std::move(made_); }

} // namespace lodge::index
