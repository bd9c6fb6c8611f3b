#include "bench/markdown.hpp"
#include "bench/report.hpp"

#include <array>

// What was aimed at, and what was seen.
namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array aimed_data{"real", "mixture"};
constexpr auto aimed_rows = 100'000;
constexpr auto wide_data = "wide";
constexpr auto sqlite = "SQLite, lodge's tables";

double median_of(const figures& lines, const json& labels, const std::string& member) {
  return lines.where(labels).of(member).median;
}

/// "3.10 × at 0.9, 2.95 × at 0.95": a figure at each recall.
template <class Figure>
std::string at_each_recall(const figures& searches, Figure figure) {
  std::string text;
  for (const auto& target : searches.values_of("target"))
    text += (text.empty() ? "" : ", ") + figure(searches.where({{"target", target}})) + " at " + target.dump();
  return text;
}

void add_search_aims(markdown_table& to, const figures& all, const std::string& data) {
  const auto searches = all.where({{"part", "search"}, {"data", data}, {"clients", 1}});
  const auto start = data + ", one client: ";
  for (const auto* mine : {"lodge, reader", "lodge, batch"})
    for (const auto& [other, factor] : {std::pair{"FAISS", "3"}, std::pair{"hnswlib", "1.7"}})
      to.add({start + mine + " ≥ " + factor + " × the queries/s of " + other,
              at_each_recall(searches, [&, other = other](const figures& here) {
                return times(median_of(here, {{"contestant", mine}}, "qps"),
                             median_of(here, {{"contestant", other}}, "qps"));
              })});
  to.add({start + "a call through the pool ≤ 60 µs longer than through a reader (p50)",
          at_each_recall(searches, [](const figures& here) {
            const auto reader = median_of(here, {{"contestant", "lodge, reader"}}, "p50_us");
            const auto pool = median_of(here, {{"contestant", "lodge"}}, "p50_us");
            return reader == 0 ? std::string{"–"} : number(pool - reader) + " µs";
          })});
}

void add_build_aim(markdown_table& to, const figures& all, const std::string& data) {
  const auto builds = all.where({{"part", "build"}, {"data", data}});
  const auto theirs = median_of(builds, {{"contestant", "hnswlib"}}, "total_s");
  const auto of = [&](const char* member) {
    return times(theirs, median_of(builds, {{"contestant", "lodge"}}, member));
  };
  to.add({data + ": builds at ≥ 1.3 × the vectors/s of hnswlib",
          of("total_s") + " (the graph alone " + of("graph_s") + ")"});
}

void add_open_aims(markdown_table& to, const figures& all, const std::string& data) {
  const auto openings = all.where({{"part", "open"}, {"data", data}});
  const auto share = [&](const char* cache) {
    const auto here = openings.where({{"cache", cache}});
    return times(median_of(here, {{"contestant", "lodge"}}, "first_ms"),
                 median_of(here, {{"contestant", "hnswlib"}}, "first_ms"))
      + " " + cache;
  };
  to.add({data + ": open to first result ≤ 0.5 × hnswlib's", share("warm") + ", " + share("cold")});
  const auto warm = openings.where({{"cache", "warm"}, {"contestant", "lodge"}});
  to.add({data + ": memory ≤ 1.15 × (vectors + links)", number(memory_ratio(warm)) + " ×"});
}

void add_data_aims(markdown_table& to, const figures& all, const std::string& data) {
  const auto is_there = [&](const char* part) { return !all.where({{"part", part}, {"data", data}}).empty(); };
  if (is_there("search"))
    add_search_aims(to, all, data);
  if (is_there("build"))
    add_build_aim(to, all, data);
  if (is_there("open"))
    add_open_aims(to, all, data);
  if (is_there("form search"))
    add_form_aims(to, all, data);
  if (is_there("exact")) {
    const auto share = [&](const char* contestant) {
      const auto scans = all.where({{"part", "exact"}, {"data", data}, {"contestant", contestant}});
      return number(share_of_bandwidth(all, scans)) + " ×";
    };
    to.add({data + ": a scan for one query ≥ 0.7 × what one core reads",
            share("lodge, reader") + " (through the pool " + share("lodge") + ")"});
  }
}

void add_write_aims(markdown_table& to, const figures& all) {
  const auto writes = all.where({{"part", "write"}});
  if (writes.empty())
    return;
  const auto share = [&](const char* group, const char* contestant) {
    const auto here = writes.where({{"group", group}});
    return times(median_of(here, {{"contestant", contestant}}, "puts_s"),
                 median_of(here, {{"contestant", sqlite}}, "puts_s"));
  };
  to.add({"64 puts in flight by messages: ≥ 0.5 × SQLite writing the same rows, 64 a transaction",
          share("64 in flight", "lodge, messages") + " (not compacting "
            + share("64 in flight", "lodge, messages, not compacting") + ")"});
  to.add({"batches of 1,000: ≥ 0.6 × SQLite writing the same rows",
          share("batches of 1,000", "lodge") + " (not compacting " + share("batches of 1,000", "lodge, not compacting")
            + ")"});
  to.add({"64 puts in flight: ≥ 20,000 puts/s where a commit takes 250 µs",
          number(median_of(writes, {{"group", "64 in flight"}, {"contestant", "lodge"}}, "puts_s"))
            + " puts/s by calls, "
            + number(median_of(writes, {{"group", "64 in flight"}, {"contestant", "lodge, messages"}}, "puts_s"))
            + " by messages, where it takes " + number(all.where({{"part", "commit"}}).of("p50_us").median) + " µs"});
}

void add_change_aims(markdown_table& to, const figures& all) {
  const auto compacting = all.where({{"part", "compacting"}});
  const auto idle = median_of(compacting, {{"load", "idle"}}, "p99_us");
  if (!compacting.empty())
    to.add({"one client's p99 during a compaction ≤ 2 × idle",
            times(median_of(compacting, {{"load", "compaction"}}, "p99_us"), idle) + " (during a rebuild "
              + times(median_of(compacting, {{"load", "rebuild"}}, "p99_us"), idle) + ")"});
  const auto churns = all.where({{"part", "churn"}});
  const auto growths = all.where({{"part", "growth"}});
  if (churns.empty() || growths.empty())
    return;
  const auto& churn = churns.first();
  const auto& growth = growths.first();
  const auto figure = [](const json& line, const char* member) { return line.at(member).get<double>(); };
  to.add({"all content replaced three times: recall at most 0.01 below that of a fresh build",
          number(figure(churn, "recall_fresh") - figure(churn, "recall_churned")) + " below"});
  const auto puts = number(figure(growth, "puts")) + " single puts: ";
  to.add({puts + "CPU on graphs ≤ 1.3 × that of one whole build", number(figure(growth, "cpu_ratio")) + " ×"});
  to.add({puts + "compactions write ≤ 12 × the final links",
          number(figure(growth, "published_ratio")) + " × published (" + number(figure(growth, "written_ratio"))
            + " × with WAL and checkpoints)"});
}

} // namespace

std::string aims_section(const figures& all) {
  markdown_table table{{"aim", "seen"}};
  for (const auto* data : aimed_data)
    if (const auto line = all.where({{"part", "data"}, {"data", data}});
        !line.empty() && line.first().at("rows") == aimed_rows)
      add_data_aims(table, all, data);
  if (!all.where({{"part", "form search"}, {"data", wide_data}}).empty())
    add_form_aims(table, all, wide_data);
  add_write_aims(table, all);
  add_change_aims(table, all);
  add_text_aims(table, all);
  return table.empty() ? std::string{} : "\n## Aims\n\n" + table.text();
}

} // namespace lodge::bench
