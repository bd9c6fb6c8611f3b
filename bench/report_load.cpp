#include "bench/markdown.hpp"
#include "bench/report.hpp"

#include <filesystem>

// What the report says of searches while the collection changes, and of what the changes cost.
namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

/// A row a load, each beside the one that is called "idle".
std::string load_table(const figures& loads, const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::string> titles{"load", "queries/s", "of idle", "p50, µs", "p99, µs", "p99 of idle"};
  for (const auto& [title, member] : more)
    titles.push_back(title);
  markdown_table table{titles};
  const auto idle = loads.where({{"load", "idle"}});
  for (const auto& load : loads.values_of("load")) {
    const auto mine = loads.where({{"load", load}});
    std::vector<std::string> cells{load,
                                   with_spread(mine.of("qps")),
                                   times(mine.of("qps").median, idle.of("qps").median),
                                   with_spread(mine.of("p50_us")),
                                   with_spread(mine.of("p99_us")),
                                   times(mine.of("p99_us").median, idle.of("p99_us").median)};
    for (const auto& [title, member] : more)
      cells.push_back(with_spread(mine.of(member)));
    table.add(std::move(cells));
  }
  return table.text();
}

std::string rows_text(const figures& of) { return number(of.first().at("rows").get<double>()); }

void add_costs(markdown_table& to, const std::string& what, const json& line) {
  const auto figure = [&](const char* member, double scale = 1) {
    return number(line.at(member).get<double>() * scale);
  };
  to.add({what, figure("cpu_s"), figure("cpu_of_build_s"), figure("cpu_ratio") + " ×", line.at("bases").dump(),
          figure("base_bytes", 1e-6), figure("published_bytes", 1e-6), figure("published_ratio") + " ×",
          figure("written_bytes", 1e-6), figure("written_ratio") + " ×"});
}

/// The median of a member over the bins that fit.
template <class Fits>
std::string median_where(const figures& bins, const std::string& member, Fits fits) {
  std::vector<json> kept;
  std::ranges::copy_if(bins.lines(), std::back_inserter(kept), fits);
  return with_spread(figures{std::move(kept)}.of(member));
}

} // namespace

std::string mixed_section(const figures& all) {
  const auto mixed = all.where({{"part", "mixed"}});
  const auto compacting = all.where({{"part", "compacting"}});
  if (mixed.empty() || compacting.empty())
    return {};
  return "\n## Searching while the collection changes\n\nOne client (k 10, ef 100), " + rows_text(mixed)
    + " × 100 of the mixture at first. Idle, and while puts arrive (half new keys, half replacements):\n\n"
    + load_table(mixed, {{"puts/s", "puts_s"}, {"recall@10", "recall"}})
    + "\nWhile a tenth that was replaced is compacted, and while all is built anew:\n\n" + load_table(compacting, {});
}

std::string churn_section(const figures& all) {
  const auto churns = all.where({{"part", "churn"}});
  const auto growths = all.where({{"part", "growth"}});
  if (churns.empty() || growths.empty())
    return {};
  const auto& churn = churns.first();
  const auto recall_text = [&](const char* member) { return number(churn.at(member).get<double>()); };
  markdown_table table{{"changes", "CPU on graphs, s", "of one build, s", "ratio", "bases", "final links, MB",
                        "published, MB", "ratio", "written, MB", "ratio"}};
  add_costs(table, "content of " + rows_text(churns) + " replaced " + churn.at("replacements").dump() + " times",
            churn);
  add_costs(table, number(growths.first().at("puts").get<double>()) + " single puts", growths.first());
  return "\n## What changes cost\n\nAfter all " + rows_text(churns) + " rows were replaced "
    + churn.at("replacements").dump() + " times, the recall@10 at ef 100 is " + recall_text("recall_churned")
    + ", that of a fresh build of the same content " + recall_text("recall_fresh") + ".\n\n" + table.text();
}

std::string timeline_section(const figures& all, const std::string& folder) {
  const auto bins = all.where({{"part", "timeline"}});
  if (bins.empty())
    return {};
  const auto is_idle = [](const json& bin) { return bin.at("compactor") == "idle"; };
  const auto is_busy = [&](const json& bin) { return !is_idle(bin); };
  markdown_table table{{"compactor", "queries/s", "p50, µs", "p99, µs", "vectors scanned"}};
  const auto add = [&](const std::string& what, const auto& fits) {
    table.add({what, median_where(bins, "qps", fits), median_where(bins, "p50_us", fits),
               median_where(bins, "p99_us", fits), median_where(bins, "scanned_vectors", fits)});
  };
  add("idle", is_idle);
  add("at work", is_busy);
  const auto& last = bins.lines().back();
  std::string text = "\n## A minute of searches and puts\n\nOne client searches while 500 puts a second arrive, for "
    + number(last.at("second").get<double>()) + " s; "
    + std::to_string(last.at("compactions").get<int>() - bins.first().at("compactions").get<int>())
    + " bases were published. Bins of " + number(bins.first().at("second").get<double>()) + " s:\n\n" + table.text();
  if (std::filesystem::exists(folder + "/timeline.svg"))
    text += "\n![p50 and p99 over time, with compactions](timeline.svg)\n";
  return text;
}

} // namespace lodge::bench
