#include "bench/markdown.hpp"
#include "bench/report.hpp"

// What the report says of durable puts.
namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr auto plain = "SQLite, lodge's tables";

double median_of(const figures& lines, const json& labels, const std::string& member) {
  return lines.where(labels).of(member).median;
}

} // namespace

std::string write_section(const figures& all) {
  const auto writes = all.where({{"part", "write"}});
  if (writes.empty())
    return {};
  markdown_table table{
    {"puts", "contestant", "puts/s", "of SQLite with lodge's tables", "call p50, µs", "call p99, µs"}};
  for (const auto& group : writes.values_of("group")) {
    const auto here = writes.where({{"group", group}});
    const auto base = median_of(here, {{"contestant", plain}}, "puts_s");
    for (const auto& contestant : here.values_of("contestant")) {
      const auto mine = here.where({{"contestant", contestant}});
      table.add({group, contestant, with_spread(mine.of("puts_s")), times(mine.of("puts_s").median, base),
                 with_spread(mine.of("call_p50_us")), with_spread(mine.of("call_p99_us"))});
    }
  }
  const auto commits = all.where({{"part", "commit"}});
  return "\n## Durable puts\n\nA commit of one integer (WAL, `synchronous=FULL`) takes "
    + with_spread(commits.of("p50_us")) + " µs here, p99 " + with_spread(commits.of("p99_us")) + " µs.\n\n"
    + table.text();
}

} // namespace lodge::bench
