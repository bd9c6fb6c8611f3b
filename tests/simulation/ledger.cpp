#include "tests/simulation/ledger.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace lodge::test {

namespace {

using state = write_order::state;
using kind = write_order::kind;

[[noreturn]] void wrong(const write_order& what, const std::string& why) {
  throw violation{"write " + std::to_string(what.id) + " of process " + std::to_string(what.process) + ": " + why};
}

std::string at(std::uint64_t number) { return " at " + std::to_string(number); }

} // namespace

std::string ledger::token(std::size_t item) const {
  return "{\"write\": " + std::to_string(orders_.size() + 1) + ", \"item\": " + std::to_string(item) + "}";
}

std::uint64_t ledger::note(write_order order) {
  order.id = orders_.size() + 1;
  orders_.push_back(std::move(order));
  return orders_.size();
}

void ledger::take(const change& what) {
  if (what.kind == change_kind::put || what.kind == change_kind::put_without_vector)
    take_put(what);
  else if (what.kind == change_kind::remove)
    removals_[what.number] = {stepping_, what.collection, what.key, 0};
}

void ledger::take_put(const change& what) {
  std::uint64_t id = 0;
  std::size_t place = 0;
  if (std::sscanf(what.metadata.c_str(), "{\"write\": %" SCNu64 ", \"item\": %zu}", &id, &place) != 2 || id == 0
      || id > orders_.size())
    throw violation{"change " + std::to_string(what.number) + " has the metadata " + what.metadata};
  auto& order = orders_[id - 1];
  if (order.process != stepping_ || order.collection != what.collection || place >= order.items.size())
    wrong(order, "process " + std::to_string(stepping_) + " did it" + at(what.number));
  if (order.now != state::open)
    wrong(order, "it was done" + at(what.number) + ", after its answer");
  if (place != order.changes || (place > 0 && order.first + place != what.number))
    wrong(order,
          "its item " + std::to_string(place) + " came" + at(what.number) + ", after " + std::to_string(order.changes)
            + " from " + std::to_string(order.first));
  if (place == 0) {
    order.first = what.number;
    touched_.push_back(id);
    auto& last = last_done_[{order.process, order.collection}];
    if (last > id)
      wrong(order, "it was done after write " + std::to_string(last));
    last = id;
  }
  ++order.changes;
  const auto* before = file_.collection(what.collection).at(what.key, what.number);
  const auto& item = order.items[place];
  if (order.what == kind::put_if && (before == nullptr ? 0 : before->number) != order.expected)
    wrong(order, "it expected version " + std::to_string(order.expected) + ", and was done" + at(what.number));
  if (order.what == kind::update_metadata && before == nullptr)
    wrong(order, "it was done" + at(what.number) + " without its key");
  if (what.key != item.key || what.vector != (order.what == kind::update_metadata ? before->vector : item.vector))
    wrong(order, "another item was stored" + at(what.number));
}

void ledger::end_step() {
  // A put's changes are done in one transaction, or not at all.
  for (const auto id : std::exchange(touched_, {}))
    if (const auto& order = orders_[id - 1]; order.changes != order.items.size())
      wrong(order, "only " + std::to_string(order.changes) + " of its items are there");
}

void ledger::done(std::uint64_t id, std::uint64_t last_number) {
  auto& order = orders_[id - 1];
  order.now = state::done;
  if (order.first == 0 || order.first + order.changes - 1 != last_number)
    wrong(order,
          "it was answered as done" + at(last_number) + ", the file has " + std::to_string(order.changes)
            + " changes of it from " + std::to_string(order.first));
}

std::vector<std::string> ledger::present(const write_order& of, std::uint64_t number) const {
  std::vector<std::string> found;
  for (const auto& key : of.keys)
    if (file_.collection(of.collection).at(key, number) != nullptr)
      found.push_back(key);
  return found;
}

bool ledger::fits(const write_order& of, std::uint64_t first) const {
  auto number = first;
  for (const auto& key : present(of, first - 1)) {
    const auto seen = removals_.find(number++);
    if (seen == removals_.end() || seen->second.order != 0 || seen->second.key != key
        || seen->second.process != of.process || seen->second.collection != of.collection)
      return false;
  }
  return number > first;
}

void ledger::claim(write_order& by, std::uint64_t first, std::uint64_t count) {
  by.first = first;
  by.changes = count;
  for (auto number = first; number < first + count; ++number)
    removals_.at(number).order = by.id;
}

void ledger::removed(std::uint64_t id, std::uint64_t count, std::uint64_t last_number) {
  auto& order = orders_[id - 1];
  order.now = state::done;
  if (last_number > file_.number())
    wrong(order, "it was answered as done" + at(last_number) + ", the file has " + std::to_string(file_.number()));
  const auto first = last_number - count + 1;
  if (present(order, first - 1).size() != count || (count > 0 && !fits(order, first)))
    wrong(order,
          "it was answered as " + std::to_string(count) + " removals" + at(last_number)
            + ", which the file does not have");
  claim(order, first, count);
}

void ledger::failed(std::uint64_t id, const error& why) {
  auto& order = orders_[id - 1];
  order.now = why.code == errc::outcome_unknown ? state::unknown : state::refused;
  if (order.now == state::refused && order.changes > 0)
    wrong(order, "it was answered with " + to_string(why) + ", and was done" + at(order.first));
}

void ledger::lose(unsigned process) {
  for (auto& order : orders_)
    if (order.process == process && order.now == state::open)
      order.now = state::unknown;
}

void ledger::settle() {
  for (const auto& [number, seen] : removals_) {
    if (seen.order != 0)
      continue;
    write_order* best = nullptr;
    for (auto& order : orders_)
      if (order.what == kind::remove && order.now == state::unknown && order.changes == 0 && fits(order, number)
          && (best == nullptr || present(*best, number - 1).size() < present(order, number - 1).size()))
        best = &order;
    if (best == nullptr)
      throw violation{"change " + std::to_string(number) + " removed '" + seen.key
                      + "', and no removal that was asked for explains it"};
    claim(*best, number, present(*best, number - 1).size());
  }
}

} // namespace lodge::test
