#include "worker.hpp"

#include "journal.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

namespace general_test {

namespace {

int fail(const lodge::error& why) {
  std::fprintf(stderr, "general_test: %s\n", lodge::to_string(why).c_str());
  return 1;
}

class writer {
public:
  writer(lodge::collection& things, journal& notes, std::uint32_t seed)
    : things_(things), notes_(notes), random_(seed) {}

  /// One call. An error is one that the test does not expect.
  lodge::result<void> step() {
    switch (below(10)) {
    case 0: return put_batch();
    case 1:
    case 2: return remove();
    case 3: return search();
    default: return put();
    }
  }

  std::uint64_t last() const { return last_; }
  std::size_t calls() const { return calls_; }

private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::string key() { return "thing-" + std::to_string(below(keys)); }

  lodge::item make() {
    const auto value = static_cast<std::uint32_t>(random_());
    return {key(), vector_of(value), std::to_string(value)};
  }

  lodge::result<void> put() { return put_all({make()}); }

  lodge::result<void> put_batch() {
    std::vector<lodge::item> batch;
    for (std::size_t i = 0; i < 5; ++i)
      if (auto next = make(); std::ranges::find(batch, next.key, &lodge::item::key) == batch.end())
        batch.push_back(std::move(next));
    return put_all(std::move(batch));
  }

  lodge::result<void> put_all(std::vector<lodge::item> items) {
    const auto done = things_.put(items);
    for (const auto& each : items)
      note(change::kind::put, done ? done->number : 0, each.key, static_cast<std::uint32_t>(std::stoul(each.metadata)));
    return settle(done);
  }

  lodge::result<void> remove() {
    const auto gone = key();
    const auto done = things_.remove(gone);
    if (!done || done->removed > 0)
      note(change::kind::removed, done ? done->at.number : 0, gone, 0);
    return settle(done);
  }

  lodge::result<void> search() {
    return settle(things_.search(vector_of(static_cast<std::uint32_t>(random_())), {.k = 5}));
  }

  void note(change::kind what, std::uint64_t number, const std::string& of, std::uint32_t value) {
    last_ = std::max(last_, number);
    notes_.note({number == 0 ? change::kind::unanswered : what, number, now_ns(), of, value});
  }

  template <class T>
  lodge::result<void> settle(const lodge::result<T>& done) {
    ++calls_;
    if (done || done.error().code == lodge::errc::outcome_unknown)
      return {};
    return done.error();
  }

  lodge::collection& things_;
  journal& notes_;
  std::mt19937 random_;
  std::uint64_t last_ = 0;
  std::size_t calls_ = 0;
};

lodge::result<void> write_items(const lodge::collection& things, const lodge::position& as_of, std::ostream& out) {
  for (std::string after;;) {
    const auto page = things.scan(after, 1'000, as_of);
    if (!page)
      return page.error();
    for (const auto& each : page->records) {
      const auto right =
        each.vector && *each.vector == vector_of(static_cast<std::uint32_t>(std::stoul(each.metadata)));
      out << each.key << ' ' << each.version.number << ' ' << each.metadata << (right ? "" : " and another vector")
          << '\n';
    }
    if (!page->more)
      return {};
    after = page->records.back().key;
  }
}

lodge::result<void> write_answers(const lodge::collection& things, const lodge::position& as_of, std::ostream& out) {
  for (std::size_t i = 0; i < queries; ++i) {
    const auto found = things.search(query_of(i), {.k = 10, .exact = true, .at_least = as_of});
    if (!found)
      return found.error();
    for (const auto& hit : *found)
      out << hit.key << ' ';
    out << '\n';
  }
  return {};
}

} // namespace

int work(const plan& what, unsigned process) {
  auto db = lodge::database::open(what.path, {.auto_compaction = {.changes = 300}});
  if (!db)
    return fail(db.error());
  auto things = open_things(*db);
  if (!things)
    return fail(things.error());
  journal notes{what.journal_of(process)};
  writer writing{*things, notes, what.seed * 1'000 + process};
  const auto end = now_ns() + static_cast<std::int64_t>(what.seconds * 1e9);
  while (now_ns() < end)
    if (auto done = writing.step(); !done)
      return fail(done.error());
  if (!notes.close())
    return fail({lodge::errc::io_error, "the journal cannot be written"});
  std::cout << "written " << writing.last() << ' ' << writing.calls() << std::endl;

  lodge::position as_of;
  if (!(std::cin >> as_of.file >> as_of.number))
    return fail({lodge::errc::invalid_argument, "a file and a number are expected on standard input"});
  std::ofstream state{what.state_of(process)};
  if (auto written = write_items(*things, as_of, state); !written)
    return fail(written.error());
  if (auto written = write_answers(*things, as_of, state); !written)
    return fail(written.error());
  state.close();
  return state.fail() ? fail({lodge::errc::io_error, "the state cannot be written"}) : 0;
}

} // namespace general_test
