#pragma once

#include "tests/simulation/simulation.hpp"

#include <algorithm>

namespace lodge::test {

template <class Reply>
bool simulation::is_answer(const process& in, const call& of, const result<Reply>& got) {
  if (got)
    return true;
  hash(static_cast<std::uint64_t>(got.error().code) + 1);
  judge_failure(in, of, got.error());
  return false;
}

template <class Predicate>
bool simulation::at_some_time(const call& of, Predicate predicate) const {
  auto number = std::max(of.began_at, of.at_least ? of.at_least->number : 0);
  for (; number <= file_.number(); ++number)
    if (predicate(number))
      return true;
  return false;
}

} // namespace lodge::test
