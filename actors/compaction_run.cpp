#include "actors/compaction_run.hpp"

namespace lodge {

compaction_run::compaction_run(compaction_start from, index::growth_options options)
  : from_(std::move(from)), options_(options) {
  options_.graph = {from_.info.m, from_.info.ef_construction};
  if (!from_.in_memory)
    begin_reading();
  else if (from_.in_memory->base == from_.base)
    growth_.emplace(std::move(from_.in_memory), options_);
  else
    takeover_ = std::make_unique<base_takeover>(from_.path, from_.collection, from_.in_memory);
}

result<void> compaction_run::step() {
  if (growth_)
    return growth_->step();
  return takeover_ ? take_over() : read();
}

result<void> compaction_run::take_over() {
  auto more = takeover_->step();
  if (!more && more.error().code != errc::base_corrupt)
    return more.error();
  if (more && *more)
    return {};
  auto taken = more ? std::exchange(takeover_, nullptr)->take() : std::nullopt;
  takeover_.reset();
  if (taken && taken->base == from_.base)
    growth_.emplace(index::rebased(*from_.in_memory, *taken), options_);
  else
    begin_reading();
  from_.in_memory.reset();
  return {};
}

void compaction_run::begin_reading() {
  reading_ = std::make_unique<collection_reading>(from_.path, from_.collection);
  read_so_far_.emplace(from_.info.metric, index::vector_layout{from_.info.dimension, from_.info.vector_form});
}

result<void> compaction_run::read() {
  auto more = reading_->step();
  // A graph that cannot be used is built anew.
  if (!more && more.error().code != errc::base_corrupt)
    return more.error();
  if (auto rows = reading_->take_rows())
    read_so_far_->load(*std::move(rows));
  if (auto read = reading_->take_graph())
    read_so_far_->attach_graph(read->segment, std::move(read->graph));
  if (!more || *more)
    return {};
  // The snapshot ends with the reading, so that the log can be reset while the graph is built.
  reading_.reset();
  growth_.emplace(read_so_far_->snapshot(), options_);
  read_so_far_.reset();
  return {};
}

std::string compaction_run::progress() const {
  if (!growth_)
    return "reading";
  const auto all = growth_->rows_to_link();
  return "building " + std::to_string(all == 0 ? 100 : growth_->rows_linked() * 100 / all) + " %";
}

} // namespace lodge
