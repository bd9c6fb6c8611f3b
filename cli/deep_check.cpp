#include "cli/deep_check.hpp"

#include "cli/each_page.hpp"
#include "cli/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace lodge::cli {

namespace {

constexpr std::size_t queries_at_once = 256;
constexpr std::int64_t hits_wanted = 10;
/// Of the score, for other orders of summing float32 products.
constexpr double tolerance = 1e-4;

/// The item's score against itself.
double own_score(const std::vector<float>& vector, metric measured_by) {
  if (measured_by == metric::l2)
    return 0;
  if (measured_by == metric::cosine)
    return 1;
  double squares = 0;
  for (const auto value : vector)
    squares += double{value} * value;
  return squares;
}

bool finds_itself(const hits& found, const record& what, metric measured_by) {
  if (std::ranges::any_of(found, [&](const hit& each) { return each.key == what.key; }))
    return true;
  if (found.size() < static_cast<std::size_t>(hits_wanted))
    return false;
  const auto own = own_score(*what.vector, measured_by);
  const double last = found.back().score;
  if (measured_by == metric::l2) {
    // Distances are compared to the vector's length, since equal vectors have none.
    return last <= tolerance * std::sqrt(own_score(*what.vector, metric::inner_product));
  }
  return last >= own - tolerance * std::abs(own);
}

class self_searches {
public:
  self_searches(const collection& chosen, metric measured_by) : chosen_(chosen), metric_(measured_by) {}

  result<void> search(std::span<const record> some) {
    auto missed = those_that_miss(some, false);
    if (!missed)
      return missed.error();
    seen_.vectors += some.size();
    if (missed->empty())
      return {};
    auto missed_again = those_that_miss(*missed, true);
    if (!missed_again)
      return missed_again.error();
    for (const auto& what : *missed_again) {
      // Written or removed by others since it was read: no finding.
      const auto present = chosen_.get(what.key);
      if (!present || present->version != what.version)
        std::erase_if(*missed, [&](const record& each) { return each.key == what.key; });
      else if (seen_.missed_by_exact++ == 0)
        seen_.example = what.key;
    }
    seen_.missed_by_graph += missed->size();
    if (seen_.example.empty() && !missed->empty())
      seen_.example = missed->front().key;
    return {};
  }

  const self_search& seen() const { return seen_; }

private:
  result<std::vector<record>> those_that_miss(std::span<const record> some, bool exact) const {
    std::vector<std::vector<float>> queries;
    for (const auto& what : some)
      queries.push_back(*what.vector);
    const auto reply = chosen_.search(queries, {.k = hits_wanted, .exact = exact, .timeout = no_timeout});
    if (!reply)
      return reply.error();
    std::vector<record> missed;
    for (std::size_t i = 0; i < some.size(); ++i)
      if (!finds_itself(reply->results[i], some[i], metric_))
        missed.push_back(some[i]);
    return missed;
  }

  const collection& chosen_;
  metric metric_;
  self_search seen_;
};

} // namespace

result<self_search> search_each_by_itself(const collection& chosen, const interruption& stop,
                                          const std::function<void(std::uint64_t)>& on_batch) {
  const auto info = chosen.info();
  if (!info)
    return info.error();
  self_searches searches{chosen, info->metric};
  result<void> searched;
  const auto read = each_page(chosen, [&](page& next) {
    std::erase_if(next.records, [](const record& what) { return !what.vector; });
    for (std::size_t at = 0; at < next.records.size() && searched && !stop.arrived(); at += queries_at_once) {
      const std::span all{next.records};
      searched = searches.search(all.subspan(at, std::min(queries_at_once, all.size() - at)));
      on_batch(searches.seen().vectors);
    }
    return searched && !stop.arrived();
  });
  if (!read)
    return read.error();
  if (!searched)
    return searched.error();
  return searches.seen();
}

finding finding_of(const std::string& collection, const self_search& seen) {
  finding made{"searches of '" + collection + "'", counted(seen.vectors, "vector", "vectors") + ", each finds itself",
               seen.missed_by_exact == 0};
  const auto rate = [&](std::uint64_t missed) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g %%",
                  100.0 * static_cast<double>(missed) / static_cast<double>(std::max<std::uint64_t>(seen.vectors, 1)));
    return with_separators(missed) + " of " + counted(seen.vectors, "vector", "vectors") + " (" + text + ")";
  };
  if (seen.missed_by_exact > 0)
    made.detail = rate(seen.missed_by_exact) + " do not find themselves by exact search, as '" + seen.example + "'";
  else if (seen.missed_by_graph > 0)
    made.detail = rate(seen.missed_by_graph) + " are missed by the graph, as '" + seen.example
      + "', and found by exact search; `lodge compact --rebuild` builds a new graph, a larger --ef finds more";
  return made;
}

} // namespace lodge::cli
