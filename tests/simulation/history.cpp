#include "tests/simulation/history.hpp"

#include <algorithm>

namespace lodge::test {

namespace {

[[noreturn]] void wrong(const change& what, const std::string& why) {
  throw violation{"change " + std::to_string(what.number) + " of collection " + std::to_string(what.collection) + ": "
                  + why};
}

} // namespace

bool collection_history::lives_at(std::uint64_t number) const {
  return created_at <= number && (dropped_at == 0 || number < dropped_at);
}

const collection_history::version* collection_history::at(const std::string& key, std::uint64_t number) const {
  const auto known = keys.find(key);
  if (known == keys.end())
    return nullptr;
  const auto after = std::ranges::upper_bound(known->second, number, {}, &version::number);
  return after == known->second.begin() || !std::prev(after)->lives ? nullptr : &*std::prev(after);
}

exact_model collection_history::as_of(std::uint64_t number) const {
  exact_model made{metric};
  for (const auto& [key, ignored] : keys)
    if (const auto* present = at(key, number))
      made.put(key, present->vector, present->metadata);
  return made;
}

std::uint64_t collection_history::items_at(std::uint64_t number) const {
  return static_cast<std::uint64_t>(
    std::ranges::count_if(keys, [&](const auto& x) { return at(x.first, number) != nullptr; }));
}

std::vector<std::uint64_t> collection_history::vectors_at(std::uint64_t number) const {
  std::vector<std::uint64_t> labels;
  for (const auto& [key, ignored] : keys)
    if (const auto* present = at(key, number); present != nullptr && present->vector)
      labels.push_back(present->number);
  std::ranges::sort(labels);
  return labels;
}

bool collection_history::had_vector(std::uint64_t label) const {
  const auto is_it = [&](const version& each) { return each.number == label && each.lives && each.vector; };
  return std::ranges::any_of(keys, [&](const auto& of_key) { return std::ranges::any_of(of_key.second, is_it); });
}

std::uint64_t collection_history::last_change(std::uint64_t up_to) const {
  const auto after = std::ranges::upper_bound(changes, up_to);
  return after == changes.begin() ? 0 : *std::prev(after);
}

bool collection_history::had_base(std::uint64_t watermark) const {
  return std::ranges::find(base_watermarks, watermark) != base_watermarks.end();
}

void history::take(const change& what) {
  if (what.number != number_ + 1)
    wrong(what, "the change before it is " + std::to_string(number_));
  number_ = what.number;
  if (what.kind == change_kind::create) {
    if (named(what.key, number_) != nullptr)
      wrong(what, "there is a collection '" + what.key + "' already");
    auto& made = collections_[what.collection];
    made.id = what.collection;
    made.name = what.key;
    made.metric = what.key == "words" ? metric::l2 : metric::cosine;
    made.created_at = what.number;
    return;
  }
  const auto known = collections_.find(what.collection);
  if (known == collections_.end() || !known->second.lives_at(what.number))
    wrong(what, "there is no such collection");
  auto& where = known->second;
  switch (what.kind) {
  case change_kind::put:
  case change_kind::put_without_vector: put(where, what); break;
  case change_kind::remove: remove(where, what); break;
  case change_kind::base: ++where.bases; break;
  case change_kind::drop: where.dropped_at = what.number; break;
  case change_kind::create: break;
  }
}

void history::put(collection_history& where, const change& what) {
  const auto* before = where.at(what.key, what.number);
  if (what.died != (before == nullptr ? 0 : before->number))
    wrong(what, "it put '" + what.key + "' and ended row " + std::to_string(what.died));
  if (what.vector.has_value() != (what.kind == change_kind::put))
    wrong(what, "its kind does not fit its row");
  where.keys[what.key].push_back({what.number, true, what.vector, what.metadata});
  where.changes.push_back(what.number);
}

void history::remove(collection_history& where, const change& what) {
  const auto* before = where.at(what.key, what.number);
  if (before == nullptr || before->number != what.died)
    wrong(what, "it removed row " + std::to_string(what.died) + " of '" + what.key + "', which was not there");
  where.keys[what.key].push_back({what.number, false, {}, {}});
  where.changes.push_back(what.number);
}

void history::take(std::uint64_t id, const stored_base& base) {
  auto& where = collections_.at(id);
  const auto said = "base " + std::to_string(base.version) + " of collection " + std::to_string(id) + ", covering "
    + std::to_string(base.watermark) + ": ";
  if (base.version != where.bases)
    throw violation{said + std::to_string(where.bases) + " were published"};
  const auto before = where.base_watermarks.empty() ? 0 : where.base_watermarks.back();
  if (base.watermark < before || base.watermark > number_ || base.previous_watermark > base.watermark)
    throw violation{said + "the one before covered " + std::to_string(before)};
  if (std::ranges::adjacent_find(base.labels) != base.labels.end())
    throw violation{said + "it holds a row twice"};
  if (!std::ranges::includes(base.labels, where.vectors_at(base.watermark)))
    throw violation{said + "it does not hold the rows that lived then"};
  for (const auto label : base.labels)
    if (label > base.watermark || !where.had_vector(label))
      throw violation{said + "it holds row " + std::to_string(label) + ", which never was"};
  if (where.base_watermarks.size() < base.version)
    where.base_watermarks.resize(base.version, base.watermark);
  else if (base.watermark != before)
    throw violation{said + "it was published as covering " + std::to_string(before)};
}

const collection_history* history::named(const std::string& name, std::uint64_t number) const {
  for (const auto& [id, each] : collections_)
    if (each.name == name && each.lives_at(number))
      return &each;
  return nullptr;
}

} // namespace lodge::test
