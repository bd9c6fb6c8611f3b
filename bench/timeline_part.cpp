#include "bench/changing_rows.hpp"
#include "bench/clients.hpp"
#include "bench/lodge_client.hpp"
#include "bench/parts.hpp"
#include "bench/scratch.hpp"

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;
using clock = std::chrono::steady_clock;

constexpr std::size_t most_rows = 20'000;
constexpr std::uint32_t ef = 100;
constexpr double puts_a_second = 500;
/// All of it takes so many measured stretches, and is shown in so many bins.
constexpr double stretches = 40;
constexpr std::size_t bins = 120;

/// One search.
struct answered {
  clock::time_point at;
  double latency_us = 0;
};

/// What the compactor did by the end of a bin.
struct sample {
  std::string state;
  std::uint64_t compactions = 0;
  std::uint64_t scanned_vectors = 0;
};

/// "building 40 %" is "building".
std::string first_word(const std::string& of) { return of.substr(0, of.find(' ')); }

std::vector<answered> search_on(lodge_client& client, const matrix& queries, const std::stop_token& stop) {
  std::vector<answered> seen;
  auto before = clock::now();
  for (std::size_t n = 0; !stop.stop_requested(); ++n) {
    client.search(queries.row(n % queries.rows()), {.k = k, .ef = ef});
    const auto after = clock::now();
    seen.push_back({after, std::chrono::duration<double, std::micro>(after - before).count()});
    before = after;
  }
  return seen;
}

/// A sample at the end of each bin.
std::vector<sample> watch(const collection& of, clock::time_point start, clock::duration bin) {
  std::vector<sample> seen;
  for (std::size_t i = 1; i <= bins; ++i) {
    std::this_thread::sleep_until(start + i * bin);
    const auto now = of.stats().or_exit();
    seen.push_back({first_word(now.compaction), now.compactions, now.scanned_vectors});
  }
  return seen;
}

void write_bins(const std::vector<answered>& searches, const std::vector<sample>& samples, clock::time_point start,
                clock::duration bin, journal& out) {
  auto next = searches.begin();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto end = start + (i + 1) * bin;
    std::vector<double> latencies;
    for (; next != searches.end() && next->at < end; ++next)
      latencies.push_back(next->latency_us);
    out.write(json{{"part", "timeline"},
                   {"second", seconds{(i + 1) * bin}.count()},
                   {"qps", static_cast<double>(latencies.size()) / seconds{bin}.count()},
                   {"p50_us", percentile(latencies, 0.50)},
                   {"p99_us", percentile(latencies, 0.99)},
                   {"compactor", samples[i].state},
                   {"compactions", samples[i].compactions},
                   {"scanned_vectors", samples[i].scanned_vectors}});
  }
}

} // namespace

void timeline_part(const run_options& options, journal& out) {
  const auto rows = options.rows_of_own(most_rows);
  const auto time = options.time * stretches;
  mixture how;
  how.rows = rows + static_cast<std::size_t>(puts_a_second * time.count() * 1.1);
  const auto pool = draw(how);
  const scratch place{options.out};
  auto db = database::open(place.file()).or_exit();
  changing_rows content{db, pool};
  content.begin_with(rows);
  lodge_client client{content.target()};
  const auto watched = content.target();
  const auto bin = std::chrono::duration_cast<clock::duration>(time / bins);
  const auto start = clock::now();
  std::vector<answered> searches;
  std::vector<sample> samples;
  {
    const std::jthread searcher{[&](const std::stop_token& stop) { searches = search_on(client, pool.queries, stop); }};
    const std::jthread writer{[&](const std::stop_token& stop) {
      act_at_pace(puts_a_second, stop, [&](std::size_t n) {
        if (n % 2 == 0)
          content.add();
        else
          content.replace(n * 7'919 % rows);
      });
    }};
    samples = watch(watched, start, bin);
  }
  write_bins(searches, samples, start, bin, out);
}

} // namespace lodge::bench
