#include "tests/simulation/judgement.hpp"

#include <cinttypes>
#include <cstdio>
#include <set>

namespace lodge::test {

namespace {

std::string at(std::uint64_t number) { return " at " + std::to_string(number); }

/// Whether metadata as `ledger` writes it matches one of the filters that `simulation::random_filter` makes.
bool matches(const std::string& filter, const std::string& metadata) {
  std::uint64_t write = 0;
  std::uint64_t item = 0;
  if (filter.empty())
    return true;
  if (std::sscanf(metadata.c_str(), R"({"write": %)" SCNu64 R"(, "item": %)" SCNu64, &write, &item) != 2)
    throw violation{"an item has the metadata " + metadata};
  std::uint64_t place = 0;
  if (std::sscanf(filter.c_str(), R"({"item": {"$lte": %)" SCNu64, &place) == 1)
    return item <= place;
  if (std::sscanf(filter.c_str(), R"({"item": {"$ne": %)" SCNu64, &place) == 1)
    return item != place;
  if (std::sscanf(filter.c_str(), R"({"write": {"$gte": 10}, "item": %)" SCNu64, &place) == 1)
    return write >= 10 && item == place;
  return false;
}

exact_model those_that_match(const std::string& filter, exact_model all) {
  std::vector<std::string> others;
  for (const auto& [key, entry] : all.entries())
    if (!matches(filter, entry.metadata))
      others.push_back(key);
  for (const auto& key : others)
    all.remove(key);
  return all;
}

} // namespace

void simulation::saw(process& in, std::uint64_t collection, std::uint64_t number) const {
  if (number > file_.number())
    throw violation{"an answer tells of change " + std::to_string(number) + ", the file has "
                    + std::to_string(file_.number())};
  auto& known = in.known[collection];
  known = std::max(known, number);
}

void simulation::judge_failure(const process& in, const call& of, const error& why) {
  const auto is_excused = [&] {
    switch (why.code) {
    case errc::unavailable:
    case errc::outcome_unknown: return !is_settled_ && (in.has_lost_parts() || in.is_closing);
    case errc::closed: return in.is_closing;
    case errc::deadline_exceeded: return in.now() - of.time >= default_timeout;
    case errc::position_not_reached: return of.at_least && of.at_least->number > of.began_at;
    case errc::collection_dropped:
      // Or dropped while it was being opened.
      return std::ranges::any_of(file_.collections(), [&](const auto& x) {
        return x.first == of.collection ? x.second.dropped_at != 0
                                        : of.collection == 0 && x.second.dropped_at > of.began_at;
      });
    // A compactor that is gone may have left requests that WRITER does later.
    case errc::conflict: return of.what == "compact" && any_lost_parts_ && !is_settled_;
    default: return false;
    }
  }();
  if (!is_excused)
    throw violation{of.what + " in collection " + std::to_string(of.collection) + ", asked" + at(of.began_at)
                    + ", failed without a reason: " + to_string(why)};
}

void simulation::judge_search(process& in, const call& of, const search_request& asked, const search_reply& got) {
  const auto& model = file_.collection(of.collection);
  const auto number = got.as_of.number;
  hash(number);
  if (got.as_of.file != identity_)
    throw violation{"a search is of another file"};
  if (number < std::max(of.floor, of.at_least ? of.at_least->number : 0) || !model.lives_at(number))
    throw violation{"a search asked" + at(of.began_at) + " is as of " + std::to_string(number) + ", its client knew of "
                    + std::to_string(of.floor) + ", at_least was "
                    + std::to_string(of.at_least ? of.at_least->number : 0)};
  saw(in, of.collection, number);
  if (got.results.size() != asked.count)
    throw violation{"a search has another number of results than of queries"};
  const auto model_then = those_that_match(asked.options.filter, model.as_of(number));
  const auto dimension = asked.queries.size() / asked.count;
  for (std::size_t i = 0; i < asked.count; ++i) {
    const auto first = asked.queries.begin() + static_cast<std::ptrdiff_t>(i * dimension);
    judge_hits(model, model_then, asked, {first, first + static_cast<std::ptrdiff_t>(dimension)}, got.results[i], of);
  }
}

void simulation::judge_hits(const collection_history& model, const exact_model& then, const search_request& asked,
                            const std::vector<float>& query, const hits& found, const call& of) const {
  const auto k = static_cast<std::size_t>(asked.options.k);
  const auto wrong = [&](const std::string& why) {
    throw violation{"a search of " + std::to_string(model.id) + ", asked" + at(of.began_at) + ": " + why};
  };
  if (asked.options.exact) {
    if (const auto why = then.mismatch(query, k, found); !why.empty())
      wrong(why);
  } else if (found.size() != std::min(k, then.vectors())) {
    wrong("got " + std::to_string(found.size()) + " hits of " + std::to_string(then.vectors()));
  }
  std::set<std::string> keys;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& hit = found[i];
    const auto known = then.entries().find(hit.key);
    if (known == then.entries().end() || !known->second.vector)
      return wrong("the hit '" + hit.key + "' is not there");
    if (!keys.insert(hit.key).second)
      wrong("the hit '" + hit.key + "' is there twice");
    if (std::abs(hit.score - then.score(query, *known->second.vector)) > 1e-3)
      wrong("the hit '" + hit.key + "' has the score " + std::to_string(hit.score));
    if (hit.metadata != (asked.options.with_metadata ? known->second.metadata : ""))
      wrong("the hit '" + hit.key + "' has the metadata " + hit.metadata);
    if (i > 0 && (model.metric == metric::l2 ? hit.score < found[i - 1].score : hit.score > found[i - 1].score))
      wrong("the hit '" + hit.key + "' comes after one that is farther");
  }
}

void simulation::judge_record(const call& of, const std::string& key, const result<record>& got) const {
  const auto& model = file_.collection(of.collection);
  if (!at_some_time(of, [&](std::uint64_t number) {
        const auto* present = model.at(key, number);
        if (!got)
          return present == nullptr;
        return present != nullptr && got->key == key && got->vector == present->vector
          && got->metadata == present->metadata && got->version == position{identity_, present->number};
      }))
    throw violation{"'" + key + "' was never as it was answered: "
                    + (got ? "version " + std::to_string(got->version.number) : "not there")};
}

void simulation::judge_page(const call& of, const scan_request& asked, const page& got) const {
  const auto& model = file_.collection(of.collection);
  const auto is_right = [&](std::uint64_t number) {
    std::size_t place = 0;
    for (auto next = model.keys.upper_bound(asked.after_key); next != model.keys.end(); ++next)
      if (const auto* present = model.at(next->first, number)) {
        if (place == got.records.size())
          return got.more && place == asked.limit;
        const auto& shown = got.records[place++];
        if (shown.key != next->first || shown.version.number != present->number || shown.vector != present->vector
            || shown.metadata != present->metadata)
          return false;
      }
    return place == got.records.size() && !got.more;
  };
  if (!at_some_time(of, is_right))
    throw violation{"a page of " + std::to_string(got.records.size()) + " items after '" + asked.after_key
                    + "' was never so"};
}

void simulation::judge_stats(const call& of, const collection_stats& got) const {
  const auto& model = file_.collection(of.collection);
  const auto number = got.last_number;
  if (number < of.began_at || number > file_.number())
    throw violation{"stats asked" + at(of.began_at) + " are as of " + std::to_string(number)};
  if (got.items != model.items_at(number) || got.vectors != model.vectors_at(number).size())
    throw violation{"stats tell of " + std::to_string(got.items) + " items and " + std::to_string(got.vectors)
                    + " vectors" + at(number)};
  if (got.base_covers != 0 && !model.had_base(got.base_covers))
    throw violation{"stats tell of a base that covers " + std::to_string(got.base_covers)};
}

void simulation::judge_compaction(const call& of, const compaction_report& got) const {
  const auto& model = file_.collection(of.collection);
  const auto covers = got.covers.number;
  if (got.covers.file != identity_ || !model.had_base(covers))
    throw violation{"a compaction tells of a base that covers " + std::to_string(covers)};
  if (model.last_change(of.began_at) > covers)
    throw violation{"a compaction asked" + at(of.began_at) + " covers " + std::to_string(covers) + ", and not change "
                    + std::to_string(model.last_change(of.began_at))};
  if (got.vectors != model.vectors_at(covers).size())
    throw violation{"a compaction tells of " + std::to_string(got.vectors) + " vectors" + at(covers)};
}

} // namespace lodge::test
