#include "bench/markdown.hpp"
#include "bench/report.hpp"

// What the report says of searches with filters.
namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

std::string percent(const json& selectivity) { return number(selectivity.get<double>() * 100) + " %"; }

std::string rates_table(const figures& searches) {
  markdown_table table{{"data", "field", "rows that match", "ef", "recall@10", "queries/s", "p50, µs", "p99, µs",
                        "time of an unfiltered search", "its ef, recall"}};
  for (const auto& data : searches.values_of("data")) {
    const auto here = searches.where({{"data", data}});
    for (const auto& by : here.values_of("field"))
      for (const auto& selectivity : here.where({{"field", by}}).values_of("selectivity")) {
        if (by == "none")
          continue;
        const auto mine = here.where({{"field", by}, {"selectivity", selectivity}});
        const auto equal = here.where({{"field", "none"}, {"ef", mine.first().at("equal_ef")}});
        table.add({data, by, percent(selectivity), mine.first().at("ef").dump(), number(mine.of("recall").median),
                   with_spread(mine.of("qps")), with_spread(mine.of("p50_us")), with_spread(mine.of("p99_us")),
                   times(equal.of("qps").median, mine.of("qps").median),
                   mine.first().at("equal_ef").dump() + ", " + number(equal.of("recall").median)});
      }
  }
  return table.text();
}

std::string uses_table(const figures& uses) {
  markdown_table table{{"data", "field", "rows that match", "first use, ms", "again, ms", "after a put, ms"}};
  for (const auto& data : uses.values_of("data"))
    for (const auto& by : uses.values_of("field"))
      for (const auto& selectivity : uses.values_of("selectivity")) {
        const auto of = [&](const char* use) {
          return with_spread(
            uses.where({{"data", data}, {"field", by}, {"selectivity", selectivity}, {"use", use}}).of("ms"));
        };
        table.add({data, by == "random" ? json("declared") : by, percent(selectivity), of("evaluated"), of("kept"),
                   of("advanced")});
      }
  return table.text();
}

} // namespace

std::string filter_section(const figures& all) {
  const auto searches = all.where({{"part", "filter"}});
  const auto uses = all.where({{"part", "filter use"}});
  if (searches.empty() || uses.empty())
    return {};
  return "\n## Searching with filters\n\nOne client through a reader, at the least ef that reaches recall@10 of 0.95. "
         "*random*: rows without a relation to the vectors; *region*: those nearest to one direction, where most "
         "queries are not. The unfiltered search has the least ef of those tried that reaches the same recall, or 0.99 "
         "if that is less.\n\n"
    + rates_table(searches)
    + "\nOne search through the pool, with the rows that match found anew, kept from before, and brought up to a put "
      "since:\n\n"
    + uses_table(uses);
}

} // namespace lodge::bench
