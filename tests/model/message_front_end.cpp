#include "tests/model/front_end.hpp"
#include "tests/support/deterministic.hpp"

#include <map>

namespace lodge::test {

namespace {

class message_front_end : public front_end {
public:
  message_front_end(const database_options& options, std::uint32_t seed) : random_(seed), engine_(options) {}

  result<void> open_collection(const std::string& name, const collection_options& options) override {
    auto opened = call<collection_actor>(engine_.database, open_atom_v, open_request{name, options});
    if (!opened)
      return opened.error();
    collections_[name] = *std::move(opened);
    return {};
  }
  result<void> drop_collection(const std::string& name) override {
    const auto dropped = call<position>(engine_.database, drop_atom_v, name);
    collections_.erase(name);
    return dropped ? result<void>{} : dropped.error();
  }

  result<void> reopen() override {
    std::vector<std::string> names;
    for (const auto& [name, each] : collections_)
      names.push_back(name);
    if (const auto closed = call<position>(engine_.database, close_atom_v); !closed)
      return closed.error();
    collections_.clear();
    engine_.open();
    for (const auto& name : names)
      if (auto again = open_collection(name, {}); !again)
        return again;
    return {};
  }

  std::vector<written> apply(const std::string& name, const std::vector<write>& writes) override {
    const auto& to = collections_.at(name);
    std::vector<pending<position>> puts;
    std::vector<pending<removal>> removals;
    for (const auto& each : writes) {
      if (each.matching)
        removals.push_back(engine_.ask<removal>(to, remove_atom_v, remove_matching_request{each.matching->dump()}));
      else if (!each.keys.empty())
        removals.push_back(engine_.ask<removal>(to, remove_atom_v, remove_request{each.keys}));
      else if (each.only_metadata)
        puts.push_back(engine_.ask<position>(to, metadata_atom_v,
                                             metadata_request{each.items.front().key, each.items.front().metadata}));
      else
        puts.push_back(engine_.ask<position>(to, put_atom_v, put_request{each.items, each.expected}));
      engine_.run_shuffled(random_, random_() % 6);
    }
    std::vector<written> outcomes;
    auto put = puts.begin();
    auto removed = removals.begin();
    for (const auto& each : writes)
      outcomes.push_back(each.removes() ? outcome_of(await(*removed++)) : outcome_of(await(*put++)));
    return outcomes;
  }

  result<record> get(const std::string& name, const std::string& key) override {
    return call<record>(collections_.at(name), get_atom_v, get_request{key, {}});
  }
  result<bool> contains(const std::string& name, const std::string& key) override {
    return call<bool>(collections_.at(name), contains_atom_v, get_request{key, {}});
  }
  result<page> scan(const std::string& name, const std::string& after_key, std::uint64_t limit) override {
    return call<page>(collections_.at(name), scan_atom_v, scan_request{after_key, limit, {}});
  }
  result<std::uint64_t> size(const std::string& name) override {
    return call<std::uint64_t>(collections_.at(name), size_atom_v);
  }
  result<std::uint64_t> count(const std::string& name, const std::string& filter) override {
    return call<std::uint64_t>(collections_.at(name), count_atom_v, count_request{filter, {}});
  }
  result<search_reply> search(const std::string& name, const std::vector<std::vector<float>>& queries,
                              const search_options& options) override {
    search_request request{{}, queries.size(), options};
    for (const auto& query : queries)
      request.queries.insert(request.queries.end(), query.begin(), query.end());
    return call<search_reply>(collections_.at(name), search_atom_v, std::move(request));
  }
  result<collection_stats> stats(const std::string& name) override {
    return call<collection_stats>(collections_.at(name), stats_atom_v);
  }
  result<compaction_report> compact(const std::string& name) override {
    return call<compaction_report>(collections_.at(name), compact_atom_v);
  }

private:
  /// Runs no longer than until the answer is there, so that the rest meets the next steps.
  template <class Reply>
  result<Reply> await(pending<Reply> asked) {
    for (;;) {
      const bool was_idle = engine_.is_idle();
      if (auto outcome = engine_.take(asked))
        return *std::move(outcome);
      BOOST_REQUIRE_MESSAGE(!was_idle, "an answer never came");
      engine_.run_shuffled(random_, 1 + random_() % 20);
    }
  }

  template <class Reply, class Handle, class... Ts>
  result<Reply> call(const Handle& whom, Ts&&... request) {
    return await(engine_.ask<Reply>(whom, std::forward<Ts>(request)...));
  }

  static written outcome_of(const result<position>& done) {
    return done ? written{errc::none, done->number, 0} : written{done.error().code, 0, 0};
  }
  static written outcome_of(const result<removal>& done) {
    return done ? written{errc::none, done->at.number, done->removed} : written{done.error().code, 0, 0};
  }

  std::mt19937 random_;
  deterministic engine_;
  std::map<std::string, collection_actor> collections_;
};

} // namespace

std::unique_ptr<front_end> make_message_front_end(database_options options, std::uint32_t seed) {
  options.run_mode = run_mode::scheduled;
  options.poll_interval = 0ms;
  return std::make_unique<message_front_end>(options, seed);
}

} // namespace lodge::test
