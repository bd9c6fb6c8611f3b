#include "actors/base_takeover.hpp"

#include "actors/segment_bytes.hpp"

namespace lodge {

namespace {

/// Living rows of a range up to a number.
std::size_t living_up_to(std::uint64_t number, const index::row_range& rows, const index::label_set& dead) {
  std::size_t count = 0;
  for (auto row = rows.first; row < rows.first + rows.count && rows.block->label(row) <= number; ++row)
    count += dead.contains(rows.block->label(row)) ? 0 : 1;
  return count;
}

} // namespace

base_takeover::base_takeover(std::string path, storage::collection_id collection, index::view_ptr known)
  : path_(std::move(path)), collection_(collection), known_(std::move(known)) {}

result<bool> base_takeover::step() {
  auto done = result<void>{};
  if (!file_)
    done = open();
  else if (!made_ || checked_)
    return false;
  else if (records_done_ == records_.size())
    done = check_coverage();
  else if (!reading_)
    done = begin_segment();
  else if (!reading_->done())
    done = reading_->step();
  else
    done = end_segment();
  if (!done)
    return done.error();
  return true;
}

result<void> base_takeover::open() {
  auto opened = storage::snapshot::open(path_, collection_);
  if (!opened)
    return opened.error();
  file_ = *std::move(opened);
  auto base = file_->base();
  if (!base)
    return base.error();
  if (!*base || (*base)->watermark > known_->number)
    return {};
  made_ = index::grown_segments{(*base)->watermark, (*base)->version, {}, {}};
  records_ = std::move((*base)->segments);
  return {};
}

result<void> base_takeover::begin_segment() {
  const auto& record = records_[records_done_];
  auto bytes = file_->segment_bytes(record);
  if (!bytes)
    return bytes.error();
  bytes_ = *std::move(bytes);
  auto labels = labels_of(record, bytes_);
  if (!labels)
    return labels.error();
  auto begun = row_reading::begin(*file_, *std::move(labels), known_);
  if (!begun)
    return begun.error();
  reading_ = *std::move(begun);
  return {};
}

/// What is not in memory has died, and so has what is known to be dead.
result<void> base_takeover::end_segment() {
  const auto& record = records_[records_done_];
  auto graph = graph_of(record, bytes_);
  if (!graph)
    return graph.error();
  bytes_ = {};
  auto rows = std::exchange(reading_, nullptr)->rows();
  std::size_t living = 0;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const auto label = rows->label(row);
    if (index::find(*known_, label) && !known_->dead.contains(label))
      ++living;
    else
      made_->dead.insert(label);
  }
  made_->segments.push_back({{record.id, std::move(rows), *std::move(graph)}, living});
  ++records_done_;
  return {};
}

result<void> base_takeover::check_coverage() {
  checked_ = true;
  std::size_t known = 0;
  for (const auto& part : known_->segments)
    for (const auto& page : part.rows.rows->pages())
      known += living_up_to(made_->covers, page, known_->dead);
  for (const auto& range : known_->delta)
    known += living_up_to(made_->covers, range, known_->dead);
  std::size_t taken = 0;
  for (const auto& part : made_->segments)
    taken += part.living;
  if (taken != known)
    return error{errc::base_corrupt,
                 "the published base holds " + std::to_string(taken) + " of the " + std::to_string(known)
                   + " living rows that it covers"};
  return {};
}

} // namespace lodge
