#include "bench/markdown.hpp"
#include "bench/report.hpp"

#include <algorithm>

// What the report says of durable puts, and of the aims.
namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr auto plain = "SQLite, lodge's tables";

double median_of(const figures& lines, const json& labels, const std::string& member) {
  return lines.where(labels).of(member).median;
}

/// Lodge's figure as a part of another contestant's, if both were seen.
std::string share(const figures& lines, json labels, const std::string& other, const std::string& member) {
  labels["contestant"] = other;
  const auto theirs = median_of(lines, labels, member);
  labels["contestant"] = "lodge";
  const auto ours = median_of(lines, labels, member);
  return ours == 0 || theirs == 0 ? std::string{} : number(ours / theirs) + " ×";
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
      table.add({group, contestant, with_spread(mine.of("puts_s")),
                 base == 0 ? "–" : number(mine.of("puts_s").median / base) + " ×", with_spread(mine.of("call_p50_us")),
                 with_spread(mine.of("call_p99_us"))});
    }
  }
  const auto commits = all.where({{"part", "commit"}});
  return "\n## Durable puts\n\nA commit of one integer (WAL, `synchronous=FULL`) takes "
    + with_spread(commits.of("p50_us")) + " µs here, p99 " + with_spread(commits.of("p99_us")) + " µs.\n\n"
    + table.text();
}

std::string aims_section(const figures& all) {
  markdown_table table{{"aim", "seen"}};
  const auto searches = all.where({{"part", "search"}, {"data", "mixture"}, {"target", 0.95}});
  const auto cores = all.where({{"part", "machine"}}).first().at("cores");
  const auto rows = all.where({{"part", "data"}, {"data", "mixture"}});
  if (!searches.empty() && rows.first().at("rows") == 100'000)
    for (const auto* other : {"FAISS, lodge's graph", "FAISS"})
      table.add({std::string{"mixture, recall 0.95, a client a core: ≥ 0.9 × the queries/s of "} + other,
                 share(searches, {{"clients", cores}}, other, "qps")});
  const auto writes = all.where({{"part", "write"}});
  if (!writes.empty()) {
    const auto commit = number(all.where({{"part", "commit"}}).of("p50_us").median);
    table.add({"64 puts in flight: ≥ 20,000 puts/s where a commit takes 250 µs",
               number(median_of(writes, {{"group", "64 in flight"}, {"contestant", "lodge"}}, "puts_s"))
                 + " puts/s where it takes " + commit + " µs"});
    table.add({"batches of 1,000: ≥ 0.4 × SQLite writing the same rows",
               share(writes, {{"group", "batches of 1,000"}}, plain, "puts_s")});
  }
  return searches.empty() && writes.empty() ? std::string{} : "\n## Aims\n\n" + table.text();
}

} // namespace lodge::bench
