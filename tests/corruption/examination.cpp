#include "tests/corruption/examination.hpp"

#include <lodge/check.hpp>
#include <lodge/database.hpp>

#include "tests/support/filter_interpreter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <sstream>

namespace lodge::test {

namespace {

/// What damage of the file may be called.
bool names_damage(errc code) {
  switch (code) {
  case errc::corrupt:
  case errc::base_corrupt:
  case errc::not_a_database:
  case errc::foreign_file:
  case errc::newer_format: return true;
  default: return false;
  }
}

class examination {
public:
  examination(std::string path, const good_file& good, bool older_states, std::uint32_t seed)
    : path_(std::move(path)), good_(good), older_states_(older_states), random_(seed) {}

  std::string run(std::size_t state) {
    now_ = good_.states[state].second;
    check_file();
    if (open_all()) {
      settle_state();
      ask_everything();
      change();
      ask_everything();
      close();
      check_file();
      if (open_all())
        ask_everything();
      close();
    }
    out_ << (refused_ ? "refused" : errors_ > 0 ? "errors" : "right");
    return out_.str();
  }

private:
  void wrong(const std::string& what) { out_ << "WRONG " << what << "\n"; }

  /// Whether there is an answer to judge. A file of which only the WAL is damaged has no reason for an error.
  template <class Result>
  bool answered(const std::string& what, const Result& answer, bool is_hidden = false) {
    if (answer)
      return true;
    ++errors_;
    const auto& why = answer.error();
    if (older_states_ || !(names_damage(why.code) || (is_hidden && !sound_)))
      wrong(what + ": " + to_string(why));
    return false;
  }

  void check_file() {
    std::string found;
    const auto checked = check(path_, [&](const finding& each) {
      if (!each.sound)
        found += each.subject + ": " + each.detail + "\n";
    });
    sound_ = checked && *checked;
    answered("check", checked, is_gone(checked));
    if (older_states_ && !sound_)
      wrong("check found " + found);
  }

  /// A file of no bytes.
  template <class Result>
  static bool is_gone(const Result& answer) {
    return !answer && answer.error().code == errc::file_not_found;
  }

  bool open_all() {
    database_options options;
    options.create = false;
    options.auto_compaction.changes = 0;
    auto opened = database::open(path_, options);
    if (!opened && is_gone(opened))
      sound_ = false;
    refused_ = !answered("open", opened, is_gone(opened));
    if (refused_)
      return false;
    db_ = *std::move(opened);
    collections_.clear();
    for (const auto& name : collection_names) {
      auto found = db_->collection(name);
      const auto hidden = !found && found.error().code == errc::collection_not_found;
      collections_.push_back(answered("collection " + name, found, hidden) ? std::optional{*found} : std::nullopt);
    }
    return true;
  }

  /// With a damaged WAL, the state that the file is in by its own word.
  void settle_state() {
    if (!older_states_ || !collections_.front())
      return;
    const auto stats = collections_.front()->stats();
    if (!answered("stats", stats))
      return;
    const auto state = std::ranges::find(good_.states, stats->last_number, [](const auto& x) { return x.first; });
    if (state == good_.states.end())
      return wrong("change " + std::to_string(stats->last_number) + " is none that was committed last");
    now_ = state->second;
  }

  void ask_everything() {
    for (std::size_t i = 0; i < collections_.size(); ++i)
      if (collections_[i])
        ask(collection_names[i], *collections_[i], now_.models[i], now_.gone[i]);
  }

  void ask(const std::string& name, const collection& stored, const exact_model& model,
           const std::set<std::string>& gone) {
    for (const auto& [key, expected] : model.entries())
      check_get(name, stored, key, expected);
    for (const auto& key : gone)
      if (const auto found = stored.contains(key); answered(name + ": contains " + key, found) && *found)
        wrong(name + ": " + key + " was removed, and is there");
    check_scan(name, stored, model);
    check_searches(name, stored, model);
    check_filters(name, stored, model);
    check_words(name, stored, model);
    check_counts(name, stored, model);
  }

  void check_get(const std::string& name, const collection& stored, const std::string& key,
                 const exact_model::entry& expected) {
    const auto found = stored.get(key);
    const auto hidden = !found && found.error().code == errc::key_not_found;
    if (answered(name + ": get " + key, found, hidden)
        && (found->key != key || found->vector != expected.vector || found->metadata != expected.metadata))
      wrong(name + ": get " + key + " gave another item, of key " + found->key);
  }

  void check_scan(const std::string& name, const collection& stored, const exact_model& model) {
    auto expected = model.entries().begin();
    std::string after;
    for (bool more = true; more;) {
      const auto read = stored.scan(after, 100);
      if (!answered(name + ": scan after " + after, read))
        return;
      for (const auto& each : read->records) {
        // A key that is passed over is hidden.
        for (; expected != model.entries().end() && expected->first < each.key && !sound_; ++expected) {
        }
        if (expected == model.entries().end() || expected->first != each.key)
          return wrong(name + ": scan gave " + each.key + " after " + after);
        if (each.vector != expected->second.vector || each.metadata != expected->second.metadata)
          return wrong(name + ": scan gave another item of key " + each.key);
        ++expected;
        after = each.key;
      }
      more = read->more;
      if (more && read->records.empty())
        return wrong(name + ": scan gave an empty page, and more");
    }
    if (expected != model.entries().end() && sound_)
      wrong(name + ": scan ended before " + expected->first);
  }

  void check_searches(const std::string& name, const collection& stored, const exact_model& model) {
    for (int round = 0; round < 4; ++round) {
      const auto query = some_vector(static_cast<std::uint32_t>(random_() % 3'000));
      search_options options;
      options.k = round == 3 ? 1'000 : 1 + static_cast<std::int64_t>(random_() % 10);
      options.ef = 10;
      options.exact = round % 2 == 0;
      options.with_metadata = round < 2;
      const auto found = stored.search(query, options);
      const auto hidden = !found && found.error().code == errc::dimension_mismatch;
      if (!answered(name + ": search", found, hidden))
        continue;
      const auto why = options.exact ? model.mismatch(query, static_cast<std::size_t>(options.k), *found)
                                     : mismatch_of_some(model, query, static_cast<std::size_t>(options.k), *found);
      if (!why.empty())
        wrong(name + (options.exact ? ": exact search: " : ": search: ") + why);
      for (const auto& each : *found)
        if (options.with_metadata && model.entries().contains(each.key)
            && model.entries().at(each.key).metadata != each.metadata)
          wrong(name + ": search gave other metadata with " + each.key);
    }
  }

  /// What is wrong with hits that need not be the nearest: each lives, has its score, and comes once and in order.
  static std::string mismatch_of_some(const exact_model& model, const std::vector<float>& query, std::size_t k,
                                      const hits& found) {
    if (found.size() != std::min(k, model.vectors()))
      return "got " + std::to_string(found.size()) + " hits, expected " + std::to_string(std::min(k, model.vectors()));
    return mismatch_of_any(model, query, found);
  }

  static std::string mismatch_of_any(const exact_model& model, const std::vector<float>& query, const hits& found) {
    exact_model of_hits{model};
    of_hits.clear();
    for (const auto& each : found) {
      const auto known = model.entries().find(each.key);
      if (known == model.entries().end() || !known->second.vector)
        return "'" + each.key + "' is not there";
      of_hits.put(each.key, known->second.vector);
    }
    return of_hits.mismatch(query, found.size(), found);
  }

  static constexpr std::array filters{R"({"n": {"$lt": 20}})", R"({"tag": "red"})", R"({"n": {"$exists": false}})",
                                      R"({"other": {"$gte": 3}, "tag": {"$ne": "green"}})", R"({"other": 1})"};

  static exact_model matching(const exact_model& model, const std::string& filter) {
    auto made = model;
    const auto parsed = nlohmann::json::parse(filter);
    for (const auto& [key, entry] : model.entries())
      if (!filter_matches(parsed, entry.metadata))
        made.remove(key);
    return made;
  }

  /// The values of declared fields have no checksums; `check` compares them with the rows.
  void check_filters(const std::string& name, const collection& stored, const exact_model& model) {
    for (const auto* filter : filters) {
      const auto said = name + ": " + filter;
      const auto expected = matching(model, filter);
      const auto counted = stored.count(filter);
      if (answered(said + ": count", counted) && *counted != expected.entries().size() && sound_)
        wrong(said + ": counted " + std::to_string(*counted) + ", expected "
              + std::to_string(expected.entries().size()));
      const auto query = some_vector(static_cast<std::uint32_t>(random_() % 3'000));
      search_options options{.k = 1'000, .exact = true};
      options.filter = filter;
      const auto found = stored.search(query, options);
      if (!answered(said + ": search", found, !found && found.error().code == errc::dimension_mismatch))
        continue;
      if (const auto why = expected.mismatch(query, 1'000, *found); !why.empty() && sound_)
        wrong(said + ": search: " + why);
      if (const auto why = mismatch_of_any(model, query, *found); !why.empty())
        wrong(said + ": search: " + why);
    }
  }

  /// The keys of the items whose title has the word.
  static std::set<std::string> keys_with(const exact_model& model, const std::string& word) {
    std::set<std::string> keys;
    for (const auto& [key, entry] : model.entries()) {
      const auto metadata = nlohmann::json::parse(entry.metadata.empty() ? "{}" : entry.metadata);
      if (!metadata.is_object() || !metadata.contains("title"))
        continue;
      std::istringstream title{metadata.at("title").get<std::string>()};
      for (std::string each; title >> each;)
        if (each == word)
          keys.insert(key);
    }
    return keys;
  }

  /// The words have no checksums either.
  void check_words(const std::string& name, const collection& stored, const exact_model& model) {
    for (int round = 0; round < 3; ++round) {
      const std::string word = words[random_() % words.size()];
      const auto said = name + ": the word " + word;
      const auto is_hidden = [](const result<hits>& found) {
        return !found
          && (found.error().code == errc::invalid_argument || found.error().code == errc::dimension_mismatch);
      };
      const auto found = stored.search_text(word, {.k = 1'000});
      if (answered(said, found, is_hidden(found))) {
        std::set<std::string> keys;
        for (const auto& each : *found)
          keys.insert(each.key);
        if (keys.size() != found->size())
          wrong(said + ": an item is found twice");
        if (const auto expected = keys_with(model, word); keys != expected && sound_)
          wrong(said + ": found in " + std::to_string(keys.size()) + " items, expected "
                + std::to_string(expected.size()));
        check_are_there(said, *found, model);
      }
      const auto both =
        stored.search_hybrid(some_vector(static_cast<std::uint32_t>(random_() % 3'000)), word, {.k = 1'000});
      if (answered(said + ", beside a vector", both, is_hidden(both)))
        check_are_there(said + ", beside a vector", *both, model);
    }
  }

  void check_are_there(const std::string& said, const hits& found, const exact_model& model) {
    for (const auto& each : found)
      if (!model.entries().contains(each.key))
        wrong(said + ": " + each.key + " is not there");
  }

  /// Counters have no checksum; `check` counts.
  void check_counts(const std::string& name, const collection& stored, const exact_model& model) {
    const auto items = model.entries().size();
    if (const auto size = stored.size(); answered(name + ": size", size) && *size != items && sound_)
      wrong(name + ": size is " + std::to_string(*size) + ", expected " + std::to_string(items));
    if (const auto stats = stored.stats();
        answered(name + ": stats", stats) && sound_ && (stats->items != items || stats->vectors != model.vectors()))
      wrong(name + ": stats have " + std::to_string(stats->items) + " items and " + std::to_string(stats->vectors)
            + " vectors");
  }

  void change() {
    for (std::size_t i = 0; i < collections_.size(); ++i)
      if (collections_[i])
        change(i, *collections_[i]);
    const auto copy = path_ + ".copy";
    answered("backup", db_->backup(copy));
  }

  void change(std::size_t i, collection stored) {
    const auto& name = collection_names[i];
    if (random_() % 2 == 0)
      answered(name + ": compact", stored.compact());
    put(i, stored, {"new key", some_vector(5'000), R"({"n": 1, "tag": "red", "title": "river lake"})"});
    put(i, stored, {"key 11", some_vector(5'001), {}});
    const std::string removed = "key 12";
    const auto was_there = now_.models[i].entries().contains(removed);
    if (const auto gone = stored.remove(removed); answered(name + ": remove", gone)) {
      if (gone->removed != (was_there ? 1U : 0U) && sound_)
        wrong(name + ": removed " + std::to_string(gone->removed));
      // A hidden key is not there to be removed.
      if (gone->removed > 0)
        now_.remove(i, removed);
    }
    remove_some(i, stored);
    const auto changed = stored.update_metadata("key 13", "{}");
    if (answered(name + ": update_metadata", changed, !changed && changed.error().code == errc::key_not_found))
      now_.put(i, {"key 13", now_.models[i].entries().at("key 13").vector, "{}"});
    if (random_() % 2 == 0)
      answered(name + ": compact", stored.compact());
  }

  /// Whatever the values of fields say, no item goes that does not match.
  void remove_some(std::size_t i, collection& stored) {
    const std::string filter = R"({"n": {"$gte": 37}})";
    const auto expected = matching(now_.models[i], filter);
    const auto gone = stored.remove_matching(filter);
    if (!answered(collection_names[i] + ": remove_matching", gone))
      return;
    std::uint64_t removed = 0;
    for (const auto& [key, entry] : expected.entries())
      if (const auto there = stored.contains(key); !there || !*there) {
        now_.remove(i, key);
        ++removed;
      }
    if (sound_ && (gone->removed != removed || removed != expected.entries().size()))
      wrong(collection_names[i] + ": removed " + std::to_string(gone->removed) + " that match, expected "
            + std::to_string(expected.entries().size()));
  }

  void put(std::size_t i, collection& stored, const item& what) {
    const auto done = stored.put(what);
    if (answered(collection_names[i] + ": put", done, !done && done.error().code == errc::dimension_mismatch))
      now_.put(i, what);
  }

  void close() {
    collections_.clear();
    if (db_)
      answered("close", db_->close());
    db_.reset();
  }

  std::string path_;
  const good_file& good_;
  bool older_states_;
  std::mt19937 random_;
  contents now_;
  std::optional<database> db_;
  std::vector<std::optional<collection>> collections_;
  /// The verdict of the last `check`.
  bool sound_ = true;
  bool refused_ = false;
  std::size_t errors_ = 0;
  std::ostringstream out_;
};

} // namespace

std::string examine(const std::string& path, const good_file& good, std::size_t state, bool older_states,
                    std::uint32_t seed) {
  return examination{path, good, older_states, seed}.run(state);
}

} // namespace lodge::test
