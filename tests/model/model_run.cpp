#include "tests/model/model_run.hpp"

#include "tests/support/random_filters.hpp"

#include <algorithm>
#include <iterator>

namespace lodge::test {

namespace {

constexpr std::uint32_t keys = 1'400;
constexpr std::size_t largest_batch = 40;
/// A graph is walked when its rows are some sixteen times as many.
constexpr std::uint32_t narrow_ef = 40;

template <class T>
std::string failure_of(const result<T>& got) {
  return got ? std::string{} : to_string(got.error());
}

} // namespace

model_run::model_run(std::uint32_t seed, std::unique_ptr<front_end> engine)
  : seed_(seed), random_(seed), engine_(std::move(engine)) {
  create("words");
  create("others");
}

void model_run::run(std::uint64_t steps) {
  for (step_ = 1; step_ <= steps; ++step_) {
    now_ = &collections_.at(one_in(6) ? "others" : "words");
    step();
  }
  compare_everything();
  reopen();
  compare_everything();
}

void model_run::require(const std::string& doing, const std::string& wrong) const {
  if (!wrong.empty())
    throw difference{"lodge differs from the model: seed " + std::to_string(seed_) + ", step " + std::to_string(step_)
                     + ", " + doing + " '" + now_->name() + "': " + wrong};
}

void model_run::step() {
  const auto dice = random_() % 1'000;
  if (dice < 380)
    write_some();
  else if (dice < 510)
    search(true);
  else if (dice < 640)
    search(false);
  else if (dice < 690)
    search_among(true);
  else if (dice < 740)
    search_among(false);
  else if (dice < 780)
    count();
  else if (dice < 870)
    read_one();
  else if (dice < 900)
    read_page();
  else if (dice < 970)
    check_figures();
  else if (dice < 990)
    compact();
  else if (dice < 997)
    reopen();
  else
    replace_collection();
}

std::string model_run::random_key() { return "key " + std::to_string(random_() % keys); }

/// Half of it has what filters ask for.
std::string model_run::some_metadata() {
  if (one_in(2))
    return random_metadata(random_);
  return one_in(3) ? std::string{} : "{\"step\": " + std::to_string(step_ * 1'000 + random_() % 1'000) + "}";
}

/// In one of thirty clusters.
std::vector<float> model_run::random_vector() {
  std::mt19937 centre{random_() % 30};
  std::normal_distribution<float> normal;
  std::vector<float> made(now_->dimension());
  for (auto& value : made)
    value = normal(centre) + 0.4F * normal(random_);
  return made;
}

/// Near the others, or the very vector of an item.
std::vector<float> model_run::random_query() {
  if (one_in(2))
    if (const auto known = now_->model().entries().find(random_key());
        known != now_->model().entries().end() && known->second.vector)
      return *known->second.vector;
  return random_vector();
}

item model_run::random_item() {
  item made{random_key(), std::nullopt, some_metadata()};
  if (!one_in(12))
    made.vector = random_vector();
  return made;
}

write model_run::random_write(std::vector<std::string>& touched) {
  write made;
  const auto dice = random_() % 100;
  if (dice < 1) {
    // One that matches a lot would leave too little to search in.
    made.matching = random_filter(random_);
    if (now_->matching(*made.matching).model().entries().size() > keys / 50) {
      const auto first = 1'000 * (random_() % (step_ + 1));
      made.matching = nlohmann::json{{"step", {{"$gte", first}, {"$lt", first + 10'000}}}};
    }
  } else if (dice < 30) {
    for (auto left = dice < 24 ? 1 : 1 + random_() % 12; left > 0; --left)
      made.keys.push_back(random_key());
  } else if (dice < 42) {
    made.only_metadata = true;
    made.items.push_back({random_key(), std::nullopt, some_metadata()});
  } else if (dice < 58) {
    made.items.push_back(random_item());
    // The version that an earlier write of the same group makes is not known yet.
    if (std::ranges::find(touched, made.items.front().key) == touched.end())
      made.expected = one_in(4) ? random_() % 50 : now_->version_of(made.items.front().key);
  } else {
    for (auto left = dice < 88 ? 1 : 1 + random_() % largest_batch; left > 0; --left)
      made.items.push_back(random_item());
  }
  for (const auto& each : made.items)
    touched.push_back(each.key);
  touched.insert(touched.end(), made.keys.begin(), made.keys.end());
  return made;
}

void model_run::write_some() {
  std::vector<std::string> touched;
  std::vector<write> writes;
  for (auto left = 1 + random_() % 5; left > 0; --left)
    writes.push_back(random_write(touched));
  const auto outcomes = engine_->apply(now_->name(), writes);
  for (std::size_t i = 0; i < writes.size(); ++i)
    require("writing to", now_->follow(writes[i], outcomes.at(i)));
}

void model_run::search(bool exact) {
  search_options options;
  options.exact = exact;
  options.k = exact && one_in(20) ? 2 * keys : static_cast<std::int64_t>(random_() % 12);
  options.ef = one_in(3) ? 100 : narrow_ef;
  options.with_metadata = one_in(3);
  std::vector<std::vector<float>> queries;
  for (auto left = one_in(5) ? 1 + random_() % 6 : 1; left > 0; --left)
    queries.push_back(random_query());
  const auto reply = engine_->search(now_->name(), queries, options);
  require("searching", failure_of(reply));
  require("searching", reply->results.size() == queries.size() ? "" : "another number of results than of queries");
  for (std::size_t i = 0; i < queries.size(); ++i)
    require(exact ? "searching exactly" : "searching",
            exact ? now_->check_exact(queries[i], options, reply->results[i])
                  : now_->check_approximate(queries[i], options, reply->results[i], found_, wanted_));
}

/// One query among the items that match a filter.
void model_run::search_among(bool exact) {
  const auto filter = random_filter(random_);
  search_options options;
  options.exact = exact;
  options.k = one_in(5) ? 2 * keys : static_cast<std::int64_t>(random_() % 12);
  options.ef = one_in(3) ? 100 : narrow_ef;
  options.with_metadata = one_in(3);
  options.filter = filter.dump();
  const auto among = now_->matching(filter);
  // A filter that was used before meets what has changed since.
  for (auto left = 1 + random_() % 2; left > 0; --left) {
    const auto query = random_query();
    const auto reply = engine_->search(now_->name(), {query}, options);
    const auto doing = "searching among " + options.filter + " in";
    require(doing, failure_of(reply));
    require(doing,
            exact ? among.check_exact(query, options, reply->results.front())
                  : among.check_approximate(query, options, reply->results.front(), found_, wanted_));
  }
}

void model_run::count() {
  const auto filter = random_filter(random_);
  const auto expected = now_->matching(filter).model().entries().size();
  const auto counted = engine_->count(now_->name(), filter.dump());
  const auto doing = "counting " + filter.dump() + " in";
  require(doing, failure_of(counted));
  require(doing,
          *counted == expected ? "" : "it is " + std::to_string(*counted) + ", expected " + std::to_string(expected));
}

void model_run::read_one() {
  const auto key = random_key();
  require("getting from", now_->check(key, engine_->get(now_->name(), key)));
  const auto contained = engine_->contains(now_->name(), key);
  require("asking for a key of", failure_of(contained));
  require("asking for a key of", *contained == (now_->version_of(key) != 0) ? "" : "'" + key + "' is wrongly answered");
}

void model_run::read_page() {
  const auto after = one_in(4) ? std::string{} : random_key();
  const auto limit = one_in(4) ? 10'000 : 1 + random_() % 30;
  require("scanning", now_->check_page(after, limit, engine_->scan(now_->name(), after, limit)));
}

void model_run::check_figures() {
  const auto stats = engine_->stats(now_->name());
  require("the figures of", now_->check(stats));
  compactions_ = std::max(compactions_, stats->base_version);
  const auto size = engine_->size(now_->name());
  require("the size of", failure_of(size));
  require("the size of", *size == now_->model().entries().size() ? "" : "the size is " + std::to_string(*size));
}

void model_run::compact() {
  const auto report = engine_->compact(now_->name());
  require("compacting", failure_of(report));
  require("compacting",
          report->vectors == now_->model().vectors() ? ""
                                                     : "the base has " + std::to_string(report->vectors)
              + " vectors, expected " + std::to_string(now_->model().vectors()));
}

void model_run::create(const std::string& name) {
  constexpr metric metrics[] = {metric::l2, metric::inner_product, metric::cosine};
  std::vector<std::string> fields;
  if (name == "words")
    std::ranges::sample(random_paths, std::back_inserter(fields), 3, random_);
  tracked_collection made{name, static_cast<std::uint32_t>(4 + random_() % 9), metrics[random_() % 3], fields};
  const auto opened = engine_->open_collection(name, made.options());
  now_ = &collections_.insert_or_assign(name, std::move(made)).first->second;
  require("opening", failure_of(opened));
}

void model_run::replace_collection() {
  // By value: what the model has of the collection goes away.
  const auto name = now_->name();
  require("dropping", failure_of(engine_->drop_collection(name)));
  create(name);
}

void model_run::reopen() { require("reopening, with", failure_of(engine_->reopen())); }

void model_run::compare_everything() {
  for (auto& [name, each] : collections_) {
    now_ = &each;
    require("at the end, scanning", each.check_page("", 10'000, engine_->scan(name, "", 10'000)));
    require("at the end, the figures of", each.check(engine_->stats(name)));
    search_options all;
    all.exact = true;
    all.with_metadata = true;
    all.k = 2 * keys;
    const auto query = random_vector();
    const auto reply = engine_->search(name, {query}, all);
    require("at the end, searching", failure_of(reply));
    require("at the end, searching", each.check_exact(query, all, reply->results.front()));
  }
}

} // namespace lodge::test
