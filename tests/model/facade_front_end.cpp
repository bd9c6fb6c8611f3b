#include "tests/model/front_end.hpp"
#include "tests/support/files.hpp"

#include <lodge/database.hpp>

#include <map>

namespace lodge::test {

namespace {

class facade_front_end : public front_end {
public:
  explicit facade_front_end(const database_options& options)
    : options_(options), database_(must(lodge::database::open(directory_.file(), options))) {}

  result<void> open_collection(const std::string& name, const collection_options& options) override {
    auto opened = database_->collection(name, options);
    if (!opened)
      return opened.error();
    collections_.insert_or_assign(name, *std::move(opened));
    return {};
  }
  result<void> drop_collection(const std::string& name) override {
    readers_.erase(name);
    const auto dropped = database_->drop_collection(name);
    return dropped ? result<void>{} : dropped.error();
  }

  result<void> reopen() override {
    std::vector<std::string> names;
    for (const auto& [name, each] : collections_)
      names.push_back(name);
    readers_.clear();
    if (auto closed = database_->close(); !closed)
      return closed;
    collections_.clear();
    database_.reset();
    auto opened = lodge::database::open(directory_.file(), options_);
    if (!opened)
      return opened.error();
    database_ = *std::move(opened);
    for (const auto& name : names)
      if (auto again = open_collection(name, {}); !again)
        return again;
    return {};
  }

  std::vector<written> apply(const std::string& name, const std::vector<write>& writes) override {
    std::vector<written> outcomes;
    for (const auto& each : writes)
      outcomes.push_back(apply(of(name), each));
    return outcomes;
  }
  result<record> get(const std::string& name, const std::string& key) override { return of(name).get(key); }
  result<bool> contains(const std::string& name, const std::string& key) override { return of(name).contains(key); }
  result<page> scan(const std::string& name, const std::string& after_key, std::uint64_t limit) override {
    return of(name).scan(after_key, limit);
  }
  result<std::uint64_t> size(const std::string& name) override { return of(name).size(); }
  result<std::uint64_t> count(const std::string& name, const std::string& filter) override {
    return of(name).count(filter);
  }
  result<search_reply> search(const std::string& name, const std::vector<std::vector<float>>& queries,
                              const search_options& options) override {
    // By way of a reader that is kept, and through the pool, in turn.
    if (++searches_ % 2 == 0)
      return of(name).search(queries, options);
    const auto kept = readers_.find(name);
    if (kept != readers_.end())
      return kept->second.search(queries, options);
    auto made = of(name).reader();
    if (!made)
      return made.error();
    return readers_.emplace(name, *std::move(made)).first->second.search(queries, options);
  }
  result<collection_stats> stats(const std::string& name) override { return of(name).stats(); }
  result<compaction_report> compact(const std::string& name) override { return of(name).compact(); }

private:
  collection& of(const std::string& name) { return collections_.at(name); }

  static written outcome_of(const result<position>& done) {
    return done ? written{errc::none, done->number, 0} : written{done.error().code, 0, 0};
  }

  static written apply(collection& to, const write& what) {
    if (what.removes()) {
      const auto done = what.matching ? to.remove_matching(what.matching->dump()) : to.remove(what.keys);
      return done ? written{errc::none, done->at.number, done->removed} : written{done.error().code, 0, 0};
    }
    if (what.only_metadata)
      return outcome_of(to.update_metadata(what.items.front().key, what.items.front().metadata));
    if (!what.expected)
      return outcome_of(to.put(what.items));
    const auto expected = *what.expected == 0 ? std::nullopt : std::optional{position{0, *what.expected}};
    return outcome_of(to.put_if(what.items.front(), expected));
  }

  scratch_directory directory_;
  database_options options_;
  std::optional<lodge::database> database_;
  std::map<std::string, collection> collections_;
  std::map<std::string, reader> readers_;
  std::uint64_t searches_ = 0;
};

} // namespace

std::unique_ptr<front_end> make_facade_front_end(const database_options& options) {
  return std::make_unique<facade_front_end>(options);
}

} // namespace lodge::test
