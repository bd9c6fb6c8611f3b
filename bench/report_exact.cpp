#include "bench/markdown.hpp"
#include "bench/report.hpp"

// What the report says of scans of all rows.
namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

spread read_rate(const figures& all, const json& data, const std::string& array) {
  return all.where({{"part", "bandwidth"}, {"data", data}, {"array", array}}).of("gb_s");
}

} // namespace

double share_of_bandwidth(const figures& all, const figures& scans) {
  if (scans.empty())
    return 0;
  const auto base = read_rate(all, scans.first().at("data"), "as large as the rows").median;
  return base == 0 ? 0 : scans.of("gb_s").median / base;
}

std::string exact_section(const figures& all) {
  const auto scans = all.where({{"part", "exact"}});
  if (scans.empty())
    return {};
  markdown_table table{{"data", "queries a call", "contestant", "queries/s", "of FAISS flat", "GB/s",
                        "of one core's reading", "call p50, µs", "call p99, µs"}};
  std::string rates;
  for (const auto& data : scans.values_of("data")) {
    rates += "- " + data.get<std::string>() + ": " + with_spread(read_rate(all, data, "as large as the rows")) + "; "
      + with_spread(read_rate(all, data, "large")) + "\n";
    for (const auto& count : scans.values_of("queries_a_call")) {
      const auto here = scans.where({{"data", data}, {"queries_a_call", count}});
      for (const auto& contestant : here.values_of("contestant")) {
        const auto mine = here.where({{"contestant", contestant}});
        const auto single = count == 1;
        table.add({data, count.dump(), contestant, with_spread(mine.of("qps")),
                   times(mine.of("qps").median, here.where({{"contestant", "FAISS flat"}}).of("qps").median),
                   single ? number(mine.of("gb_s").median) : "–",
                   single ? number(share_of_bandwidth(all, mine)) + " ×" : "–", with_spread(mine.of("p50_us")),
                   with_spread(mine.of("p99_us"))});
      }
    }
  }
  return "\n## Scanning all rows\n\nOne client. GB/s that one core reads when it adds up floats, of an array as large "
         "as the rows, and of one of 256 MiB:\n\n"
    + rates + "\n" + table.text();
}

} // namespace lodge::bench
