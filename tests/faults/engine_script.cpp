#include "tests/faults/engine_script.hpp"

#include <lodge/check.hpp>

#include "tests/actors/requests.hpp"
#include "tests/support/exact_model.hpp"
#include "tests/support/file_shim.hpp"
#include "tests/support/filter_interpreter.hpp"

#include <algorithm>
#include <set>

namespace lodge::test {

namespace {

/// Long enough for every deadline and back-off.
constexpr int longest_wait_in_seconds = 40;
constexpr std::int64_t all_hits = 1'000;

std::string metadata_of(int number, int turn) {
  return std::string{"{\"turn\": "}
    .append(std::to_string(turn))
    .append(", \"odd\": ")
    .append(number % 2 == 1 ? "true" : "false")
    .append(", \"title\": \"turn")
    .append(std::to_string(turn))
    .append(" number")
    .append(std::to_string(number))
    .append("\"}");
}

item numbered(int number, int turn) {
  auto made = item_of(number, metadata_of(number, turn));
  made.vector->at(3) = static_cast<float>(turn);
  return made;
}

collection_options collection_options_of_script() {
  collection_options made{4, metric::l2, {}, {}};
  made.fields = {{"turn"}};
  made.text_fields = {{"title"}};
  return made;
}

bool has_word(const std::string& metadata, const std::string& word) {
  return metadata.find("\"" + word + " ") != std::string::npos;
}

database_options options_of_script() {
  auto made = scheduled_options();
  made.auto_compaction = {60, 0, 25};
  made.largest_segment = 150;
  return made;
}

} // namespace

bool same(const stored& a, const stored& b) {
  if (!a || !b)
    return !a && !b;
  return a->vector == b->vector && a->metadata == b->metadata;
}

class engine_script::session {
public:
  session(engine_script& of, std::uint32_t seed, possibilities present,
          const std::function<void(const std::filesystem::path&)>& fill)
    : script_(of), random_(seed), engine_(options_of_script(), fill), known_(std::move(present)) {}

  void run();
  void verify();

private:
  /// A put or a removal that is under way.
  struct change {
    pending<position> put = {};
    pending<removal> remove = {};
    bool removes = false;
    std::map<std::string, stored> effect = {};
  };

  template <class Reply>
  result<Reply> await(const std::string& name, pending<Reply> asked);
  template <class Reply, class Handle, class... Ts>
  result<Reply> call(const std::string& name, const Handle& whom, Ts&&... request);
  collection_actor opened(const std::string& name);

  change put(const std::vector<item>& items);
  change remove(const std::vector<std::string>& keys);
  void remove_matching(const std::string& filter);
  void finish(const std::vector<change>& changes);
  void settle(possibilities& in, const change& what, const std::optional<error>& failure);
  void begin(const change& what);
  void fill(int first, int end, int turn);
  void describe(int number, const std::string& metadata);

  void look(int number);
  bool look_once(int number);
  bool look_with_filter(int number, const std::string& filter);
  bool look_for_words(int turn);
  void compact();
  void use_another_collection();
  template <class Part>
  void restart(Part crew::*which);
  void reopen();

  void wait_for_the_parts();
  void resolve();
  void check_all();
  bool is_certain() const;
  exact_model model() const;
  exact_model matching(const std::string& filter) const;

  engine_script& script_;
  std::mt19937 random_;
  deterministic engine_;
  collection_actor words_;
  possibilities known_;
  /// The same while calls are under way; else empty.
  possibilities under_way_;
  /// The highest that was answered.
  std::uint64_t last_number_ = 0;
  bool other_was_dropped_ = false;
};

void engine_script::session::run() {
  fill(0, 20, 0);
  look(3);
  fill(10, 30, 1);
  finish({remove({key_of(2), key_of(12)}), put({numbered(40, 2)}), put({numbered(40, 3), numbered(41, 3)}),
          remove({key_of(5)})});
  look(40);
  describe(7, metadata_of(7, 77));
  compact();
  look(11);
  fill(25, 45, 4);
  remove_matching(R"({"turn": {"$lt": 4}, "odd": true})");
  use_another_collection();
  restart(&crew::log_sync);
  fill(50, 52, 5);
  look(51);
  reopen();
  look(30);
  // Enough for a compaction by itself.
  fill(0, 70, 6);
  restart(&crew::writer);
  look(69);
  fill(3, 9, 7);
  remove_matching(R"({"turn": {"$gt": 6}})");
  compact();
  look(4);
  reopen();
  look(1);
  fill(80, 82, 8);
}

void engine_script::session::verify() {
  script_.on_error = [](const std::string& name, const error& why) {
    BOOST_ERROR(name << " failed: " << to_string(why));
  };
  if (!engine_.database)
    must_do(engine_.opened());
  wait_for_the_parts();
  // Before anything is written: that everybody caught up with what was there.
  look(1);
  fill(90, 93, 9);
  resolve();
  check_all();
  compact();
  check_all();
  reopen();
  check_all();
  words_ = nullptr;
  call<position>("close", engine_.database, close_atom_v).or_exit();
  const auto sound =
    check(engine_.path(), [](const finding& what) { BOOST_TEST(what.sound, what.subject << ": " << what.detail); });
  BOOST_TEST(must(sound));
  engine_.open();
}

// Calls.

template <class Reply>
result<Reply> engine_script::session::await(const std::string& name, pending<Reply> asked) {
  for (int second = 0; second < longest_wait_in_seconds; ++second) {
    engine_.run_shuffled(random_);
    if (auto outcome = engine_.take(asked)) {
      if (!*outcome)
        script_.on_error(name, outcome->error());
      return *std::move(outcome);
    }
    engine_.advance(1s);
  }
  BOOST_ERROR(name << " was never answered");
  return error{errc::internal, "never answered"};
}

template <class Reply, class Handle, class... Ts>
result<Reply> engine_script::session::call(const std::string& name, const Handle& whom, Ts&&... request) {
  return await(name, engine_.ask<Reply>(whom, std::forward<Ts>(request)...));
}

/// Null if it cannot be opened.
collection_actor engine_script::session::opened(const std::string& name) {
  if (!engine_.database)
    return {};
  auto handle = call<collection_actor>("open " + name, engine_.database, open_atom_v,
                                       open_request{name, collection_options_of_script()});
  return handle ? *std::move(handle) : collection_actor{};
}

// Changes.

engine_script::session::change engine_script::session::put(const std::vector<item>& items) {
  change made;
  for (const auto& each : items)
    made.effect[each.key] = each;
  begin(made);
  if (words_)
    made.put = engine_.ask<position>(words_, put_atom_v, put_request{items});
  return made;
}

engine_script::session::change engine_script::session::remove(const std::vector<std::string>& keys) {
  change made;
  made.removes = true;
  for (const auto& key : keys)
    made.effect[key] = std::nullopt;
  begin(made);
  if (words_)
    made.remove = engine_.ask<removal>(words_, remove_atom_v, remove_request{keys});
  return made;
}

/// Only where it is certain what matches.
void engine_script::session::remove_matching(const std::string& filter) {
  if (!words_ || !is_certain())
    return;
  change made;
  made.removes = true;
  const auto wanted = matching(filter);
  for (const auto& [key, entry] : wanted.entries())
    made.effect[key] = std::nullopt;
  begin(made);
  made.remove = engine_.ask<removal>(words_, remove_atom_v, remove_matching_request{filter});
  finish({made});
}

/// From now on it may be there.
void engine_script::session::begin(const change& what) {
  if (under_way_.empty())
    under_way_ = known_;
  settle(under_way_, what, error{errc::outcome_unknown, {}});
  script_.on_change(under_way_);
}

/// Waits for the answers of what was asked for at once, in this order.
void engine_script::session::finish(const std::vector<change>& changes) {
  under_way_.clear();
  if (!words_)
    return;
  const auto outcome = [&](const auto& done, const auto& at) -> std::optional<error> {
    if (!done)
      return done.error();
    last_number_ = std::max(last_number_, at(*done).number);
    return std::nullopt;
  };
  for (const auto& each : changes)
    settle(known_, each,
           each.removes ? outcome(await("remove", each.remove), [](const auto& x) { return x.at; })
                        : outcome(await("put", each.put), [](const auto& x) { return x; }));
  script_.on_change(known_);
}

void engine_script::session::settle(possibilities& in, const change& what, const std::optional<error>& failure) {
  if (failure && failure->code != errc::outcome_unknown)
    return;
  for (const auto& [key, after] : what.effect) {
    auto& states = in.try_emplace(key, std::vector<stored>{std::nullopt}).first->second;
    if (!failure)
      states = {after};
    else if (std::ranges::none_of(states, [&](const auto& each) { return same(each, after); }))
      states.push_back(after);
  }
}

/// Some under way at once, each of a few items.
void engine_script::session::fill(int first, int end, int turn) {
  if (!words_)
    words_ = opened("words");
  std::vector<change> changes;
  for (int number = first; number < end; number += 4) {
    std::vector<item> items;
    for (int each = number; each < std::min(number + 4, end); ++each)
      items.push_back(numbered(each, turn));
    changes.push_back(put(items));
    engine_.run_shuffled(random_, random_() % 4);
    if (changes.size() == 4)
      finish(std::exchange(changes, {}));
  }
  finish(changes);
}

void engine_script::session::describe(int number, const std::string& metadata) {
  const auto present = known_.find(key_of(number));
  if (!words_ || present == known_.end() || present->second.size() > 1 || !present->second.front())
    return;
  change made;
  made.effect[key_of(number)] = present->second.front();
  made.effect[key_of(number)]->metadata = metadata;
  begin(made);
  made.put = engine_.ask<position>(words_, metadata_atom_v, metadata_request{key_of(number), metadata});
  finish({made});
}

// Other steps.

/// What is answered is right, if it is known what is right. Where faults pass, a call succeeds in the end.
void engine_script::session::look(int number) {
  if (!words_)
    words_ = opened("words");
  if (!words_)
    return;
  bool done = look_once(number);
  for (int attempt = 0; attempt < 3 && !done; ++attempt) {
    wait_for_the_parts();
    done = look_once(number);
  }
  BOOST_TEST((done || !script_.faults_pass), "a search fails for ever");
}

bool engine_script::session::look_once(int number) {
  auto request = search_of(number, all_hits);
  const auto found = call<search_reply>("search", words_, search_atom_v, request);
  if (found && is_certain())
    BOOST_TEST(model().mismatch(request.queries, all_hits, found->results.front()) == "");
  request.options.with_metadata = true;
  request.options.k = 2;
  const auto with_metadata = call<search_reply>("search with metadata", words_, search_atom_v, request);
  const auto got = call<page>("scan", words_, scan_atom_v, scan_request{"", 20, {}});
  if (got && is_certain())
    for (const auto& each : got->records)
      BOOST_TEST(same(known_[each.key].front(), item{each.key, each.vector, each.metadata}), each.key);
  const auto with_declared = look_with_filter(number, R"({"turn": {"$gte": 4}})");
  const auto with_another = look_with_filter(number, R"({"odd": true, "turn": {"$ne": 1}})");
  const auto words = look_for_words(4) && look_for_words(6);
  return found && with_metadata && got && with_declared && with_another && words;
}

bool engine_script::session::look_with_filter(int number, const std::string& filter) {
  auto request = search_of(number, all_hits);
  request.options.filter = filter;
  const auto found = call<search_reply>("search with a filter", words_, search_atom_v, request);
  const auto count = call<std::uint64_t>("count", words_, count_atom_v, count_request{filter, {}});
  const auto expected = matching(filter);
  if (found && is_certain())
    BOOST_TEST(expected.mismatch(request.queries, all_hits, found->results.front()) == "", filter);
  if (count && is_certain())
    BOOST_TEST(*count == expected.entries().size(), filter);
  return found && count;
}

bool engine_script::session::look_for_words(int turn) {
  const auto word = std::string{"turn"}.append(std::to_string(turn));
  text_request request{word};
  request.options.k = all_hits;
  const auto found = call<search_reply>("search for words", words_, text_atom_v, request);
  auto beside = search_of(turn, all_hits);
  beside.text = word;
  const auto both = call<search_reply>("search for words and neighbours", words_, search_atom_v, beside);
  if (found && is_certain()) {
    std::set<std::string> keys;
    std::set<std::string> expected;
    for (const auto& each : found->results.front())
      keys.insert(each.key);
    for (const auto& [key, states] : known_)
      if (states.front() && has_word(states.front()->metadata, word))
        expected.insert(key);
    BOOST_TEST(keys == expected, boost::test_tools::per_element());
  }
  return found && both;
}

void engine_script::session::compact() {
  if (words_)
    call<compaction_report>("compact", words_, compact_atom_v).has_value();
}

void engine_script::session::use_another_collection() {
  const auto other = opened("other");
  if (!other)
    return;
  call<position>("put", other, put_atom_v, put_of(1)).has_value();
  other_was_dropped_ = call<position>("drop", engine_.database, drop_atom_v, std::string{"other"}).has_value();
}

template <class Part>
void engine_script::session::restart(Part crew::*which) {
  if (engine_.database)
    engine_.kill((*engine_.crew()).*which);
}

void engine_script::session::reopen() {
  words_ = nullptr;
  if (engine_.database) {
    const auto failures = file_shim::installed().fired();
    const auto closed = call<position>("close", engine_.database, close_atom_v);
    // A WRITER that ended, and could not be started again for it, cannot tell.
    BOOST_TEST((!closed || closed->number >= last_number_ || file_shim::installed().fired() > failures),
               "closed at " << closed->number << " after " << last_number_);
  }
  if (const auto again = engine_.opened(); !again)
    script_.on_error("open the file", again.error());
  words_ = opened("words");
}

// Verifying.

void engine_script::session::wait_for_the_parts() {
  for (int i = 0; i < 10; ++i) {
    engine_.run_shuffled(random_);
    engine_.advance(1s);
  }
  engine_.run_shuffled(random_);
}

/// Reads everything; from here on it is certain.
void engine_script::session::resolve() {
  const auto all = call<page>("scan", words_, scan_atom_v, scan_request{"", 10'000, {}});
  BOOST_REQUIRE(all.has_value());
  possibilities read;
  for (const auto& each : all->records)
    read[each.key] = {item{each.key, each.vector, each.metadata}};
  for (const auto& [key, unused] : read)
    BOOST_TEST(known_.contains(key), key << " was never put");
  for (const auto& [key, states] : known_) {
    const auto now = read.contains(key) ? read[key].front() : std::nullopt;
    BOOST_TEST(std::ranges::any_of(states, [&](const auto& each) { return same(each, now); }),
               key << " is " << (now ? now->metadata : "not there") << ", of " << states.size()
                   << " possibilities, one " << (states.front() ? states.front()->metadata : "not there"));
  }
  known_ = std::move(read);
}

void engine_script::session::check_all() {
  const auto expected = model();
  BOOST_TEST(must(call<std::uint64_t>("size", words_, size_atom_v)) == expected.entries().size());
  for (const bool exact : {true, false})
    for (int number = 0; number < 100; number += 17) {
      auto request = search_of(number, all_hits);
      request.options.exact = exact;
      const auto found = call<search_reply>("search", words_, search_atom_v, request);
      BOOST_TEST(expected.mismatch(request.queries, all_hits, must(found).results.front()) == "");
    }
  for (const auto* filter : {R"({"turn": {"$gte": 6}})", R"({"odd": false})", R"({"turn": 5, "odd": {"$ne": false}})"})
    BOOST_TEST(look_with_filter(3, filter));
  for (const int turn : {0, 1, 4, 6, 9})
    BOOST_TEST(look_for_words(turn));
  const auto names = must(call<std::vector<collection_info>>("list", engine_.database, list_atom_v));
  if (other_was_dropped_)
    BOOST_TEST(std::ranges::none_of(names, [](const auto& each) { return each.name == "other"; }));
  const auto stats = must(call<collection_stats>("stats", words_, stats_atom_v));
  BOOST_TEST(stats.items == expected.entries().size());
}

bool engine_script::session::is_certain() const {
  return std::ranges::all_of(known_, [](const auto& each) { return each.second.size() == 1; });
}

exact_model engine_script::session::model() const {
  exact_model made{metric::l2};
  for (const auto& [key, states] : known_)
    if (states.front())
      made.put(key, states.front()->vector, states.front()->metadata);
  return made;
}

exact_model engine_script::session::matching(const std::string& filter) const {
  auto made = model();
  const auto all = made;
  const auto parsed = nlohmann::json::parse(filter);
  for (const auto& [key, entry] : all.entries())
    if (!filter_matches(parsed, entry.metadata))
      made.remove(key);
  return made;
}

engine_script::engine_script(std::uint32_t seed, possibilities present,
                             const std::function<void(const std::filesystem::path&)>& fill)
  : session_(std::make_unique<session>(*this, seed, std::move(present), fill)) {}
engine_script::~engine_script() = default;

void engine_script::run() { session_->run(); }
void engine_script::verify() { session_->verify(); }

} // namespace lodge::test
