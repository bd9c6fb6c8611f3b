#include "actors/compaction_run.hpp"

#include "actors/segment_bytes.hpp"

namespace lodge {

compaction_run::compaction_run(std::string path, storage::collection_id collection)
  : path_(std::move(path)), collection_(collection) {}

result<void> compaction_run::step() {
  if (!file_ && !builder_)
    return open();
  return builder_ ? link() : read();
}

result<void> compaction_run::open() {
  auto opened = storage::snapshot::open(path_, collection_);
  if (!opened)
    return opened.error();
  file_ = *std::move(opened);
  auto base = file_->base();
  // A damaged base counts as none: the next one replaces it.
  if (!base && base.error().code != errc::base_corrupt)
    return base.error();
  const auto present = base && *base ? **base : storage::manifest{};
  const auto version = present.version + 1;
  manifest_ = {version, version, file_->number(), present.watermark, {}};
  auto labels = file_->living_labels();
  if (!labels)
    return labels.error();
  auto begun = row_reading::begin(*file_, *std::move(labels));
  if (!begun)
    return begun.error();
  reading_ = *std::move(begun);
  return {};
}

result<void> compaction_run::read() {
  if (!reading_->done())
    return reading_->step();
  if (!reading_->dead().empty())
    return error{errc::corrupt, "an index names a row among the living, which died"};
  rows_ = reading_->rows();
  const auto& info = file_->collection().info;
  builder_.emplace(rows_.block, rows_.count, index::kernels_for(info.metric),
                   index::graph_options{info.m, info.ef_construction});
  // The snapshot ends with the reading, so that the log can be reset while the graph is built.
  reading_.reset();
  file_.reset();
  return {};
}

result<void> compaction_run::link() {
  if (!builder_->done())
    return builder_->step();
  graph_ = builder_->take();
  if (rows_.count > 0) {
    auto bytes = to_bytes(*rows_.block, rows_.count, *graph_);
    if (!bytes)
      return bytes.error();
    bytes_ = *std::move(bytes);
    manifest_.segments.push_back({0, rows_.count, bytes_.size(), 0});
  }
  done_ = true;
  return {};
}

std::string compaction_run::progress() const {
  if (!builder_)
    return "reading";
  return "building " + std::to_string(rows_.count == 0 ? 100 : builder_->linked() * 100 / rows_.count) + " %";
}

} // namespace lodge
