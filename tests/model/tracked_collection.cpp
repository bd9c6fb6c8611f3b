#include "tests/model/tracked_collection.hpp"

#include "tests/support/filter_interpreter.hpp"

#include <set>

namespace lodge::test {

namespace {

std::string expected(const std::string& what, std::uint64_t wanted, std::uint64_t got) {
  return wanted == got ? std::string{} : what + " is " + std::to_string(got) + ", expected " + std::to_string(wanted);
}

} // namespace

tracked_collection::tracked_collection(std::string name, std::uint32_t dimension, lodge::metric metric,
                                       std::vector<std::string> fields)
  : name_(std::move(name)), dimension_(dimension), metric_(metric), fields_(std::move(fields)), model_(metric) {}

collection_options tracked_collection::options() const {
  collection_options made{dimension_, metric_, 16, 100};
  made.fields = fields_;
  // Whose exact searches give the very hits of the others.
  made.vector_form = fields_.empty() ? vector_form::float32 : vector_form::int8;
  return made;
}

tracked_collection tracked_collection::matching(const nlohmann::json& filter) const {
  auto made = *this;
  for (const auto& [key, entry] : model_.entries())
    if (!filter_matches(filter, entry.metadata))
      made.model_.remove(key);
  return made;
}

std::uint64_t tracked_collection::version_of(const std::string& key) const {
  const auto found = versions_.find(key);
  return found == versions_.end() ? 0 : found->second;
}

std::string tracked_collection::follow(const write& what, const written& outcome) {
  auto code = errc::none;
  if (what.only_metadata && version_of(what.items.front().key) == 0)
    code = errc::key_not_found;
  if (what.expected && version_of(what.items.front().key) != *what.expected)
    code = errc::conflict;
  if (outcome.code != code)
    return "a write was answered " + to_string(outcome.code) + ", expected " + to_string(code);
  if (code != errc::none)
    return {};
  return what.removes() ? follow_removal(what, outcome) : follow_put(what, outcome);
}

std::string tracked_collection::follow_removal(const write& what, const written& outcome) {
  auto keys = what.keys;
  if (what.matching)
    for (const auto& [key, entry] : model_.entries())
      if (filter_matches(*what.matching, entry.metadata))
        keys.push_back(key);
  std::uint64_t removed = 0;
  for (const auto& key : keys)
    removed += model_.remove(key) ? 1 : 0;
  if (removed != outcome.removed)
    return expected("the count of removed keys", removed, outcome.removed);
  for (const auto& key : keys)
    versions_.erase(key);
  for (auto number = outcome.number - removed + 1; number <= outcome.number; ++number)
    changes_.push_back(number);
  return {};
}

std::string tracked_collection::follow_put(const write& what, const written& outcome) {
  auto number = outcome.number - what.items.size();
  if (!changes_.empty() && number < changes_.back())
    return "change " + std::to_string(outcome.number) + " came after change " + std::to_string(changes_.back());
  for (const auto& each : what.items) {
    const auto vector = what.only_metadata ? model_.entries().at(each.key).vector : each.vector;
    model_.put(each.key, vector, each.metadata);
    versions_[each.key] = ++number;
    changes_.push_back(number);
  }
  return {};
}

std::string tracked_collection::mismatch(const record& got) const {
  const auto known = model_.entries().find(got.key);
  if (known == model_.entries().end())
    return "'" + got.key + "' is not there";
  if (got.vector != known->second.vector)
    return "'" + got.key + "' has another vector";
  if (got.metadata != known->second.metadata)
    return "'" + got.key + "' has the metadata " + got.metadata + ", expected " + known->second.metadata;
  return expected("the version of '" + got.key + "'", versions_.at(got.key), got.version.number);
}

std::string tracked_collection::check(const std::string& key, const result<record>& got) const {
  const bool is_there = model_.entries().contains(key);
  if (got)
    return is_there && got->key == key ? mismatch(*got) : "'" + key + "' gave '" + got->key + "'";
  return !is_there && got.error().code == errc::key_not_found ? std::string{} : to_string(got.error());
}

std::string tracked_collection::check_page(const std::string& after_key, std::uint64_t limit,
                                           const result<page>& got) const {
  if (!got)
    return to_string(got.error());
  auto next = model_.entries().upper_bound(after_key);
  for (const auto& each : got->records) {
    if (next == model_.entries().end() || next->first != each.key)
      return "the page has '" + each.key + "', which does not come next";
    if (auto wrong = mismatch(each); !wrong.empty())
      return wrong;
    ++next;
  }
  const bool more = next != model_.entries().end();
  if (got->more != more || (more && got->records.size() != limit))
    return "the page ends after " + std::to_string(got->records.size()) + " of " + std::to_string(limit) + " items";
  return {};
}

std::string tracked_collection::check(const result<collection_stats>& got) const {
  if (!got)
    return to_string(got.error());
  const auto after_base = changes_.end() - std::ranges::upper_bound(changes_, got->base_covers);
  for (auto wrong : {expected("the count of items", model_.entries().size(), got->items),
                     expected("the count of vectors", model_.vectors(), got->vectors),
                     expected("the count of changes since the base at " + std::to_string(got->base_covers),
                              static_cast<std::uint64_t>(after_base), got->changes_since_base),
                     expected("the last error of a compaction", 0, got->compaction_error.size())})
    if (!wrong.empty())
      return wrong;
  if (!changes_.empty() && got->last_number < changes_.back())
    return "the last number is " + std::to_string(got->last_number) + ", change " + std::to_string(changes_.back())
      + " was answered";
  return {};
}

std::string tracked_collection::check_metadata(const search_options& options, const hits& got) const {
  for (const auto& each : got)
    if (each.metadata != (options.with_metadata ? model_.entries().at(each.key).metadata : ""))
      return "the hit '" + each.key + "' has the metadata '" + each.metadata + "'";
  return {};
}

std::string tracked_collection::check_exact(const std::vector<float>& query, const search_options& options,
                                            const hits& got) const {
  if (auto wrong = model_.mismatch(query, static_cast<std::size_t>(options.k), got); !wrong.empty())
    return wrong;
  std::set<std::string> keys;
  for (const auto& each : got)
    if (!keys.insert(each.key).second)
      return "'" + each.key + "' is a hit twice";
  return check_metadata(options, got);
}

std::string tracked_collection::check_approximate(const std::vector<float>& query, const search_options& options,
                                                  const hits& got, std::uint64_t& found, std::uint64_t& wanted) const {
  const auto nearest = model_.nearest(query, static_cast<std::size_t>(options.k));
  if (got.size() != nearest.size())
    return expected("the count of hits", nearest.size(), got.size());
  std::set<std::string> keys;
  double last = 0;
  for (const auto& each : got) {
    const auto known = model_.entries().find(each.key);
    if (known == model_.entries().end() || !known->second.vector)
      return "the hit '" + each.key + "' is not there";
    if (!keys.insert(each.key).second)
      return "'" + each.key + "' is a hit twice";
    const auto right = model_.score(query, *known->second.vector);
    const auto tolerance = 1e-4 * (1 + std::abs(right));
    if (std::abs(each.score - right) > tolerance)
      return "the hit '" + each.key + "' has the score " + std::to_string(each.score) + ", expected "
        + std::to_string(right);
    const auto sign = metric_ == metric::l2 ? 1.0 : -1.0;
    if (keys.size() > 1 && sign * (each.score - last) < 0)
      return "the hit '" + each.key + "' comes after one that is farther";
    last = each.score;
    found += sign * (right - nearest.back().first) <= tolerance ? 1 : 0;
  }
  wanted += nearest.size();
  return check_metadata(options, got);
}

} // namespace lodge::test
