#include "bench/markdown.hpp"
#include "bench/report.hpp"

// What the report says of several processes on one file.
namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

std::string writers_table(const figures& writers) {
  const auto in_one = writers.where({{"contestant", "lodge"}, {"processes", 1}, {"clients", 8}}).of("puts_s").median;
  markdown_table table{{"processes × clients", "contestant", "puts/s", "of one process with 8 clients",
                        "slowest process", "call p50, µs", "call p99, µs"}};
  for (const auto& clients : writers.values_of("clients"))
    for (const auto& processes : writers.where({{"clients", clients}}).values_of("processes"))
      for (const auto& who : writers.where({{"clients", clients}, {"processes", processes}}).values_of("contestant")) {
        const auto mine = writers.where({{"clients", clients}, {"processes", processes}, {"contestant", who}});
        table.add({processes.dump() + " × " + clients.dump(), who, with_spread(mine.of("puts_s")),
                   times(mine.of("puts_s").median, in_one), with_spread(mine.of("slowest_puts_s")),
                   with_spread(mine.of("call_p50_us")), with_spread(mine.of("call_p99_us"))});
      }
  return table.text();
}

std::string beside_table(const figures& beside) {
  const auto alone = beside.where({{"beside", "nothing"}}).of("p99_us").median;
  markdown_table table{{"beside", "queries/s", "p50, µs", "p99, µs", "p99 of alone"}};
  for (const auto& what : beside.values_of("beside")) {
    const auto mine = beside.where({{"beside", what}});
    table.add({what, with_spread(mine.of("qps")), with_spread(mine.of("p50_us")), with_spread(mine.of("p99_us")),
               times(mine.of("p99_us").median, alone)});
  }
  return table.text();
}

} // namespace

std::string processes_section(const figures& all) {
  const auto visible = all.where({{"part", "visible"}});
  if (visible.empty())
    return {};
  return "\n## Several processes\n\nFrom the answer of a put to the first search in another process that sees it: p50 "
    + with_spread(visible.of("p50_us")) + " µs, p99 " + with_spread(visible.of("p99_us"))
    + " µs (aim: p50 below 5,000).\n\nPuts of one item each (aim: 8 × 1 at 0.7 × 1 × 8 or more):\n\n"
    + writers_table(all.where({{"part", "writers"}}))
    + "\nSearches of one client in 20,000 × 100 vectors (aim: p99 at most 3 × that of alone):\n\n"
    + beside_table(all.where({{"part", "beside"}}));
}

} // namespace lodge::bench
