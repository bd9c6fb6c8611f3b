#include "tests/torture/history.hpp"

#include <algorithm>
#include <utility>

namespace lodge::torture {

namespace {

std::vector<operation> pair_up(const std::vector<entry>& news) {
  std::map<std::uint64_t, operation> by_name;
  for (const auto& each : news)
    if (each.how == entry::stage::asked)
      by_name[each.operation].asked = each;
    else
      by_name[each.operation].answer = each;
  std::vector<operation> all;
  for (auto& [name, each] : by_name)
    all.push_back(std::move(each));
  return all;
}

std::string text(const sight& what) {
  return what.present ? "operation " + std::to_string(what.operation) + " with number " + std::to_string(what.number)
                      : "nothing";
}

sight outcome(const operation& what) {
  if (what.removes())
    return {};
  return {true, what.asked.vector_of, what.asked.operation, what.number()};
}

sight find(const state& in, std::uint32_t cell) {
  const auto found = in.cells.find(cell);
  return found == in.cells.end() ? sight{} : found->second;
}

} // namespace

std::vector<std::string> history::compare(const std::vector<entry>& news, const state& seen) {
  wrong_.clear();
  const auto all = pair_up(news);
  check_numbers(all, seen.number);
  check_order_in_time(all);
  std::map<std::uint32_t, operations> by_cell;
  for (const auto& each : all)
    by_cell[each.asked.cell].push_back(&each);
  for (std::uint32_t cell = 0; cell < cells_.size(); ++cell)
    check_cell(cell, by_cell[cell], seen);
  before_ = seen;
  return std::exchange(wrong_, {});
}

/// Each change has a number that no other has, after those of the last time and up to the file's last.
void history::check_numbers(const std::vector<operation>& all, std::uint64_t last) {
  operations changes;
  for (const auto& each : all)
    if (each.changed())
      changes.push_back(&each);
  std::ranges::sort(changes, {}, [](const operation* each) { return each->number(); });
  auto taken = before_.number;
  for (const auto* each : changes) {
    if (each->first_number() <= taken)
      complain("operation " + std::to_string(each->asked.operation) + " was given the numbers "
               + std::to_string(each->first_number()) + " to " + std::to_string(each->number()) + ", "
               + std::to_string(taken) + " was given before");
    taken = std::max(taken, each->number());
  }
  if (taken > last || last < before_.number)
    complain("the file's last change is " + std::to_string(last) + ", " + std::to_string(taken) + " was acknowledged");
}

/// What was asked after an answer has a higher number than the answer.
void history::check_order_in_time(const std::vector<operation>& all) {
  operations by_asking;
  operations by_answer;
  for (const auto& each : all)
    if (each.is_done() && each.number() > 0) {
      by_asking.push_back(&each);
      by_answer.push_back(&each);
    }
  std::ranges::sort(by_asking, {}, [](const operation* each) { return each->asked.at_ns; });
  std::ranges::sort(by_answer, {}, [](const operation* each) { return each->answer->at_ns; });
  std::uint64_t answered = 0;
  auto next = by_answer.begin();
  for (const auto* each : by_asking) {
    for (; next != by_answer.end() && (*next)->answer->at_ns < each->asked.at_ns; ++next)
      answered = std::max(answered, (*next)->number());
    const auto own = each->changed() ? each->first_number() - 1 : each->number();
    if (own < answered)
      complain("operation " + std::to_string(each->asked.operation) + " was given number "
               + std::to_string(each->number()) + " after " + std::to_string(answered) + " had been acknowledged");
  }
}

/// A `put_if` comes right after the version that it expected, as far as is known.
void history::check_expectations(const operations& changes, const sight& before) {
  auto last = before.present ? before.number : 0;
  auto last_is_removal = !before.present;
  for (const auto* each : changes) {
    const auto expected = each->asked.expected;
    const auto overtaken = expected == 0 ? !last_is_removal : expected < last;
    if (each->asked.what == entry::action::put_if && overtaken)
      complain("operation " + std::to_string(each->asked.operation) + " expected version " + std::to_string(expected)
               + " of " + name(each->asked.cell) + ", number " + std::to_string(last) + " came between");
    last = each->number();
    last_is_removal = each->removes();
  }
}

void history::check_cell(std::uint32_t cell, const operations& its, const state& seen) {
  operations changes;
  operations open;
  for (const auto* each : its)
    if (each->changed())
      changes.push_back(each);
    else if (each->may_be_done())
      open.push_back(each);
  std::ranges::sort(changes, {}, [](const operation* each) { return each->number(); });
  if (open.empty())
    check_expectations(changes, find(before_, cell));
  const auto expected = changes.empty() ? find(before_, cell) : outcome(*changes.back());
  const auto last = changes.empty() ? before_.number : changes.back()->number();
  const auto now = find(seen, cell);
  if (now.present == expected.present && now.operation == expected.operation && now.number == expected.number
      && now.vector_of == expected.vector_of)
    return check_empty(cell, its, seen);
  const auto explains = [&](const operation* each) {
    return now.present ? !each->removes() && each->asked.operation == now.operation
        && each->asked.vector_of == now.vector_of && now.number > last
                       : each->removes();
  };
  if (std::ranges::none_of(open, explains))
    complain(name(cell) + " is to hold " + text(expected) + ", it holds " + text(now) + "; "
             + std::to_string(open.size()) + " operations on it were not answered");
}

/// A collection without an item was left by a put that was cut short between its two steps.
void history::check_empty(std::uint32_t cell, const operations& its, const state& seen) {
  if (!seen.empty.contains(cell) || before_.empty.contains(cell))
    return;
  const auto explains = [](const operation* each) { return !each->removes() && !each->is_done(); };
  if (std::ranges::none_of(its, explains))
    complain(name(cell) + " is an empty collection, which nobody made");
}

} // namespace lodge::torture
