#include "bench/markdown.hpp"
#include "bench/report.hpp"

#include <array>
#include <filesystem>

// What the report says of the index: building, searching, opening, and putting into views.
namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

/// Whose queries a second all others' are compared with.
constexpr std::array references{"FAISS", "hnswlib", "FAISS, lodge's graph"};

std::string recall_text(double value) {
  char printed[16];
  std::snprintf(printed, sizeof printed, "%.3f", value);
  return printed;
}

/// A contestant and a recall that it did not get to.
std::string missed_text(const json& line) {
  auto text = line.at("contestant").get<std::string>();
  return text.append(" does not reach ")
    .append(recall_text(line.at("target")))
    .append(": it finds ")
    .append(recall_text(line.at("recall")))
    .append(" at ef ")
    .append(line.at("largest_ef").dump())
    .append(".\n");
}

std::string heading_of(const figures& all, const json& data) {
  const auto line = all.where({{"part", "data"}, {"data", data}}).first();
  return "\n**" + data.get<std::string>() + "**: " + number(line.at("rows").get<double>()) + " × "
    + std::to_string(line.at("dimension").get<int>()) + ", " + line.at("metric").get<std::string>() + ", "
    + number(line.at("queries").get<double>()) + " queries\n\n";
}

/// Rows a second, of seconds.
spread rate(double rows, const spread& of) {
  if (!of || of.median == 0)
    return {};
  return {rows / of.median, rows / of.most, rows / of.least, of.times};
}

spread scaled(const spread& of, double by) { return {of.median * by, of.least * by, of.most * by, of.times}; }

} // namespace

double memory_ratio(const figures& openings) {
  return (openings.of("memory_kib").median - openings.of("memory_before_kib").median)
    / openings.of("needed_kib").median;
}

std::string build_section(const figures& all) {
  const auto builds = all.where({{"part", "build"}});
  if (builds.empty())
    return {};
  std::string text = "\n## Building\n";
  for (const auto& data : builds.values_of("data")) {
    markdown_table table{{"contestant", "vectors/s", "storing rows, /s", "graph, /s", "file, MB", "bytes a vector",
                          "peak memory, MB", "above the data"}};
    const auto of_data = builds.where({{"data", data}});
    for (const auto& contestant : of_data.values_of("contestant")) {
      const auto mine = of_data.where({{"contestant", contestant}});
      const auto rows = mine.first().at("rows").get<double>();
      const auto file = mine.of("file_bytes");
      const auto peak = mine.of("memory_peak_kib");
      const auto before = mine.of("memory_before_kib").median;
      table.add({contestant, with_spread(rate(rows, mine.of("total_s"))), with_spread(rate(rows, mine.of("rows_s"))),
                 with_spread(rate(rows, mine.of("graph_s"))), number(file.median / 1e6), number(file.median / rows),
                 with_spread(scaled(peak, 1.024e-3)), number((peak.median - before) * 1.024e-3)});
    }
    text += heading_of(all, data) + table.text();
  }
  return text;
}

std::string search_section(const figures& all, const std::string& folder) {
  const auto searches = all.where({{"part", "search"}});
  if (searches.empty())
    return {};
  std::string text = "\n## Searching\n";
  for (const auto& data : searches.values_of("data")) {
    markdown_table table{{"recall@10", "clients", "contestant", "ef", "recall", "queries/s", "of FAISS", "of hnswlib",
                          "of FAISS on lodge's graph", "p50, µs", "p99, µs"}};
    const auto of_data = searches.where({{"data", data}});
    for (const auto& target : of_data.values_of("target"))
      for (const auto& clients : of_data.values_of("clients")) {
        const auto here = of_data.where({{"target", target}, {"clients", clients}});
        for (const auto& contestant : here.values_of("contestant")) {
          const auto mine = here.where({{"contestant", contestant}});
          const auto qps = mine.of("qps");
          std::vector<std::string> cells{recall_text(target),
                                         clients.dump(),
                                         contestant,
                                         mine.first().at("ef").dump(),
                                         recall_text(mine.first().at("recall")),
                                         with_spread(qps)};
          for (const auto* reference : references)
            cells.push_back(times(qps.median, here.where({{"contestant", reference}}).of("qps").median));
          cells.push_back(with_spread(mine.of("p50_us")));
          cells.push_back(with_spread(mine.of("p99_us")));
          table.add(std::move(cells));
        }
      }
    text += heading_of(all, data) + table.text();
    const auto missed = all.where({{"part", "unreached"}, {"data", data}});
    for (const auto& target : missed.values_of("target"))
      for (const auto& contestant : missed.where({{"target", target}}).values_of("contestant"))
        text.append("\n").append(missed_text(missed.where({{"target", target}, {"contestant", contestant}}).first()));
    const auto curve = "curve-" + data.get<std::string>() + ".svg";
    if (std::filesystem::exists(folder + "/" + curve))
      text += "\n![Recall and queries a second, " + data.get<std::string>() + "](" + curve + ")\n";
  }
  return text;
}

std::string open_section(const figures& all) {
  const auto openings = all.where({{"part", "open"}});
  if (openings.empty())
    return {};
  markdown_table table{{"data", "rows", "cache", "contestant", "first answer, ms", "full speed, ms",
                        "open to first result, ms", "of hnswlib", "memory then, MB", "of vectors and links",
                        "peak, MB"}};
  for (const auto& data : openings.values_of("data"))
    for (const auto& cache : openings.values_of("cache"))
      for (const auto& contestant : openings.values_of("contestant")) {
        const auto here = openings.where({{"data", data}, {"cache", cache}});
        const auto mine = here.where({{"contestant", contestant}});
        if (mine.empty())
          continue;
        const auto first = mine.of("first_ms");
        table.add({data, number(mine.first().at("rows").get<double>()), cache, contestant,
                   with_spread(mine.of("answer_ms")), with_spread(mine.of("ready_ms")), with_spread(first),
                   times(first.median, here.where({{"contestant", "hnswlib"}}).of("first_ms").median),
                   number(mine.of("memory_kib").median * 1.024e-3), number(memory_ratio(mine)) + " ×",
                   number(mine.of("memory_peak_kib").median * 1.024e-3)});
      }
  const auto cached = openings.where({{"cache", "cold"}}).of("cached_share");
  return "\n## From the start of a process to its first answer\n\n"
    + (cached.most > 0.01 ? "**Not cold**: up to " + number(cached.most * 100) + " % of a file stayed cached.\n\n" : "")
    + table.text();
}

std::string holder_section(const figures& all) {
  const auto holders = all.where({{"part", "holder"}});
  if (holders.empty())
    return {};
  markdown_table table{{"rows", "they are in", "put, ns", "replacement, ns"}};
  for (const auto& place : holders.values_of("rows_in"))
    for (const auto& rows : holders.values_of("rows")) {
      const auto mine = holders.where({{"rows_in", place}, {"rows", rows}});
      table.add(
        {number(rows.get<double>()), place, with_spread(mine.of("put_ns")), with_spread(mine.of("replace_ns"))});
    }
  return "\n## What a put costs the holder of the view\n\n" + table.text();
}

} // namespace lodge::bench
