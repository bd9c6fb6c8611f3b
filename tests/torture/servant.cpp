#include "tests/torture/servant.hpp"

#include "tests/torture/cells.hpp"
#include "tests/torture/outcry.hpp"
#include "tests/torture/points.hpp"
#include "tests/torture/worker.hpp"

#include <lodge/check.hpp>

#include <csignal>
#include <iostream>
#include <sstream>

namespace lodge::torture {

namespace {

constexpr std::uint64_t changed = 1'000'000;

class servant {
public:
  explicit servant(std::string path) : path_(std::move(path)) {}

  std::string obey(const std::string& line) {
    std::istringstream in{line};
    std::string word;
    unsigned number = 0;
    unsigned count = 0;
    in >> word >> number >> count;
    if (word == "check")
      return answer(lodge::check(path_, [](const finding&) {}), [](bool sound) { return sound ? "sound" : "damaged"; });
    if (auto opened = open(); !opened)
      return to_string(opened.error().code);
    if (word == "put" || word == "change")
      return answer(things_->put(made(number, word == "put" ? number : number + changed)), number_of);
    if (word == "fill")
      return fill(number, count);
    if (word == "remove")
      return answer(things_->remove(key_of(number)), [](const removal& done) { return std::to_string(done.removed); });
    if (word == "search" || word == "search_changed")
      return answer(things_->search(vector_of(word == "search" ? number : number + changed, 0, 1), {.k = 1}),
                    [](const hits& found) { return found.empty() ? "nothing" : found.front().key; });
    if (word == "compact")
      return answer(things_->compact(), [](const compaction_report& done) { return number_of(done.covers); });
    if (word == "size")
      return answer(things_->size(), [](std::uint64_t size) { return std::to_string(size); });
    if (word == "version")
      return answer(things_->stats(), [](const collection_stats& is) { return std::to_string(is.base_version); });
    if (word == "renew")
      return renew();
    cry_out("'" + line + "' is not understood");
  }

private:
  static std::string number_of(const position& at) { return std::to_string(at.number); }

  static item made(unsigned number, std::uint64_t from) { return {key_of(number), vector_of(from, 0, 1), {}}; }

  template <class T, class Text>
  static std::string answer(const result<T>& done, Text text) {
    return done ? std::string{"ok "} + text(*done) : to_string(done.error().code);
  }

  result<void> open() {
    if (!db_) {
      auto opened = database::open(path_, {.auto_compaction = {.changes = 0}});
      if (!opened)
        return opened.error();
      db_ = *std::move(opened);
    }
    if (!things_) {
      auto found = open_things(*db_);
      if (!found)
        return found.error();
      things_ = *std::move(found);
    }
    return {};
  }

  std::string fill(unsigned first, unsigned count) {
    std::vector<item> items;
    for (unsigned i = first; i < first + count; ++i)
      items.push_back(made(i, i));
    return answer(things_->put(std::move(items), std::chrono::seconds{60}), number_of);
  }

  std::string renew() {
    things_.reset();
    const auto dropped = db_->drop_collection(things_name);
    if (!dropped)
      return to_string(dropped.error().code);
    const auto opened = open();
    return opened ? "ok " + number_of(*dropped) : to_string(opened.error().code);
  }

  std::string path_;
  std::optional<database> db_;
  std::optional<collection> things_;
};

} // namespace

int serve(const std::vector<std::string>& words) {
  if (words.size() == 3) {
    const auto where = parse_point(words[2]);
    if (!where)
      cry_out("there is no point '" + words[2] + "'");
    strike_at(*where, words[1] == "kill" ? SIGKILL : SIGSTOP);
  }
  servant obedient{words.at(0)};
  for (std::string line; std::getline(std::cin, line);)
    std::cout << obedient.obey(line) << std::endl;
  return 0;
}

} // namespace lodge::torture
