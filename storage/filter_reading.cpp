#include "storage/filter_reading.hpp"

#include "storage/collections.hpp"
#include "storage/matching_labels.hpp"
#include "storage/newest_number.hpp"
#include "storage/schema.hpp"
#include "storage/sqlite.hpp"

#include <utility>
#include <vector>

namespace lodge::storage {

class filter_source::state {
public:
  explicit state(std::string opened) : path_(std::move(opened)) { give_back(take()); }

  std::unique_ptr<connection> take() {
    if (idle_.empty())
      return std::make_unique<connection>(path_, access::read);
    auto taken = std::move(idle_.back());
    idle_.pop_back();
    return taken;
  }

  void give_back(std::unique_ptr<connection> taken) { idle_.push_back(std::move(taken)); }

private:
  std::string path_;
  std::vector<std::unique_ptr<connection>> idle_;
};

class filter_reading::state {
public:
  state(std::shared_ptr<filter_source::state> from, collection_id wanted_of, const filter& wanted,
        const filter_range& within)
    : source_(std::move(from)), on_(source_->take()), transaction_(std::make_unique<read_scope>(*on_)) {
    require_known_format(*on_);
    number = newest_number(*on_);
    const auto collection = require_collection(*on_, wanted_of);
    as_of = within.as_of;
    complete_from = collection.dropped_up_to;
    labels = std::make_unique<matching_labels>(*on_, collection, wanted, within);
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    labels.reset();
    transaction_.reset();
    source_->give_back(std::move(on_));
  }

private:
  std::shared_ptr<filter_source::state> source_;
  std::unique_ptr<connection> on_;
  std::unique_ptr<read_scope> transaction_;

public:
  std::uint64_t number = 0;
  std::uint64_t as_of = 0;
  std::uint64_t complete_from = 0;
  std::unique_ptr<matching_labels> labels;
};

filter_source::filter_source(std::shared_ptr<state> opened) : state_(std::move(opened)) {}
filter_source::~filter_source() = default;

result<std::unique_ptr<filter_source>> filter_source::open(const std::string& path) {
  return guarded([&] { return std::unique_ptr<filter_source>{new filter_source{std::make_shared<state>(path)}}; });
}

result<std::unique_ptr<filter_reading>> filter_source::begin(collection_id collection, const filter& wanted,
                                                             const filter_range& within) {
  return guarded([&] {
    auto begun = std::make_unique<filter_reading::state>(state_, collection, wanted, within);
    return std::unique_ptr<filter_reading>{new filter_reading{std::move(begun)}};
  });
}

filter_reading::filter_reading(std::unique_ptr<state> begun) : state_(std::move(begun)) {}
filter_reading::~filter_reading() = default;

result<bool> filter_reading::step(std::size_t most, std::vector<std::uint64_t>& labels) {
  return guarded([&] { return state_->labels->step(most, labels); });
}

std::uint64_t filter_reading::number() const { return state_->number; }
bool filter_reading::swept() const { return state_->complete_from > state_->as_of; }
std::uint64_t filter_reading::complete_from() const { return state_->complete_from; }
bool filter_reading::by_index() const { return state_->labels->by_index(); }

} // namespace lodge::storage
