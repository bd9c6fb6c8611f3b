#include "actors/collection_reading.hpp"

#include "actors/segment_bytes.hpp"

#include <algorithm>

namespace lodge {

namespace {

/// A row that only the base knows of is the base's fault; a living row's damage is met again, and not to be healed.
error as_base_damage(const error& why) {
  return {why.code == errc::corrupt ? errc::base_corrupt : why.code, why.detail};
}

} // namespace

collection_reading::collection_reading(std::string path, storage::collection_id collection)
  : path_(std::move(path)), collection_(collection) {}

result<bool> collection_reading::step() {
  const auto goes_on = [](result<void> done) -> result<bool> {
    if (!done)
      return done.error();
    return true;
  };
  if (!file_)
    return goes_on(open());
  if (readings_done_ < readings_.size())
    return goes_on(read_rows());
  if (!rows_read_)
    return goes_on(gather_rows());
  if (segments_.empty())
    return false;
  return goes_on(read_graph());
}

std::pair<std::size_t, std::size_t> collection_reading::rows_read() const {
  std::pair<std::size_t, std::size_t> rows{0, 0};
  for (const auto& reading : readings_) {
    rows.first += reading->rows_read();
    rows.second += reading->rows_in_all();
  }
  return rows;
}

std::optional<index::loaded_rows> collection_reading::take_rows() {
  if (!rows_read_ || std::exchange(rows_taken_, true))
    return std::nullopt;
  return std::move(loaded_);
}

result<void> collection_reading::open() {
  auto opened = storage::snapshot::open(path_, collection_);
  if (!opened)
    return opened.error();
  file_ = *std::move(opened);
  loaded_.number = file_->number();
  auto base = read_base();
  if (!base && base.error().code != errc::base_corrupt)
    return base;
  return base ? base : plan_rows_without_base(base.error().detail);
}

result<void> collection_reading::read_living() {
  auto read = file_->living_labels();
  if (!read)
    return read.error();
  living_ = *std::move(read);
  return {};
}

result<void> collection_reading::add_reading(std::vector<std::uint64_t> labels) {
  auto begun = row_reading::begin(*file_, std::move(labels));
  if (!begun)
    return begun.error();
  readings_.push_back(*std::move(begun));
  return {};
}

result<void> collection_reading::read_base() {
  auto base = file_->base();
  if (!base)
    return base.error();
  if (auto read = read_living(); !read)
    return read;
  std::vector<std::uint64_t> of_segments;
  if (*base) {
    loaded_.base = (*base)->version;
    for (const auto& record : (*base)->segments) {
      auto labels = file_->segment_labels(record);
      if (!labels)
        return labels.error();
      of_segments.insert(of_segments.end(), labels->begin(), labels->end());
      if (auto added = add_reading(*std::move(labels)); !added)
        return as_base_damage(added.error());
      segments_.push_back(record);
    }
    loaded_.covers = (*base)->watermark;
  }
  if (auto checked = check_coverage(living_, loaded_.covers, std::move(of_segments)); !checked)
    return checked;
  const auto after_base = std::ranges::upper_bound(living_, loaded_.covers);
  return add_reading({after_base, living_.end()});
}

result<void> collection_reading::plan_rows_without_base(std::string why) {
  segments_.clear();
  readings_.clear();
  readings_done_ = 0;
  base_damage_ = std::move(why);
  loaded_ = {loaded_.number, 0, loaded_.base, {}, {}, {}};
  if (auto read = read_living(); !read)
    return read;
  return add_reading(living_);
}

result<void> collection_reading::read_rows() {
  auto& reading = *readings_[readings_done_];
  if (auto read = reading.step(); !read) {
    if (segments_.empty() || readings_done_ >= segments_.size()
        || as_base_damage(read.error()).code != errc::base_corrupt)
      return read;
    return plan_rows_without_base(read.error().detail);
  }
  if (reading.done())
    ++readings_done_;
  return {};
}

/// Who is dead is said by the rows themselves, whatever an index says. Rows that were not read are dead by the index
/// alone: a base may be under way that was begun before they died.
result<void> collection_reading::take_deaths() {
  auto live = std::size_t{0};
  for (std::size_t i = 0; i < readings_.size(); ++i) {
    const auto& dead = readings_[i]->dead();
    if (i >= segments_.size() && !dead.empty())
      return error{errc::corrupt,
                   "an index names the row of label " + std::to_string(dead.front().label)
                     + " among the living, which died"};
    live += readings_[i]->rows()->size() - dead.size();
    loaded_.deaths.insert(loaded_.deaths.end(), dead.begin(), dead.end());
  }
  if (live != living_.size())
    return error{errc::base_corrupt,
                 "the base and the rows after it have " + std::to_string(live) + " living rows, the collection has "
                   + std::to_string(living_.size())};
  auto others = file_->deaths_after(loaded_.covers);
  if (!others)
    return others.error();
  for (const auto& each : *others)
    if (!std::ranges::binary_search(living_, each.label))
      loaded_.deaths.push_back({each.number, each.label});
  return {};
}

result<void> collection_reading::gather_rows() {
  if (auto taken = take_deaths(); !taken)
    return taken.error().code == errc::base_corrupt && !segments_.empty() ? plan_rows_without_base(taken.error().detail)
                                                                          : taken;
  living_ = {};
  for (std::size_t i = 0; i < readings_.size(); ++i) {
    const auto& rows = readings_[i]->rows();
    if (i < segments_.size())
      loaded_.segments.push_back({segments_[i].id, rows, nullptr});
    else
      loaded_.delta = rows->pages();
  }
  readings_.clear();
  readings_done_ = 0;
  rows_read_ = true;
  return {};
}

result<void> collection_reading::read_graph() {
  const auto segment = segments_.front();
  segments_.pop_front();
  auto bytes = file_->segment_bytes(segment);
  if (!bytes)
    return bytes.error();
  auto graph = graph_of(segment, *bytes);
  if (!graph)
    return graph.error();
  graph_ = segment_graph{segment.id, *std::move(graph)};
  return {};
}

} // namespace lodge
