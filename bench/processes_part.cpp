#include "bench/child.hpp"
#include "bench/clients.hpp"
#include "bench/parts.hpp"
#include "bench/plain_sqlite.hpp"
#include "bench/scratch.hpp"

#include <lodge/database.hpp>

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <thread>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;
using clock = std::chrono::steady_clock;

constexpr std::size_t dimension = 100;
constexpr std::size_t searched_rows = 20'000;

mixture small_mixture(std::size_t rows) {
  mixture how;
  how.rows = rows;
  return how;
}

/// The system's monotonic clock, which is the same in all processes.
double now_us() { return std::chrono::duration<double, std::micro>(clock::now().time_since_epoch()).count(); }

collection rows_of(database& db) {
  return db.collection("rows", {.dimension = dimension, .metric = metric::l2}).or_exit();
}

std::vector<std::string> child_command(const std::string& what, const std::string& file, unsigned number,
                                       seconds time) {
  return {"process-one",
          "--what",
          what,
          "--file",
          file,
          "--number",
          std::to_string(number),
          "--time",
          std::to_string(time.count())};
}

/// The lines of several children that run at once.
std::vector<std::vector<child_line>> run_children(unsigned count, const std::string& what, const std::string& file,
                                                  seconds time) {
  std::vector<std::vector<child_line>> lines(count);
  {
    std::vector<std::jthread> waiting;
    for (unsigned i = 0; i < count; ++i)
      waiting.emplace_back([&, i] { lines[i] = run_child(child_command(what, file, i, time)); });
  }
  return lines;
}

std::string key_of(unsigned process, std::size_t n) { return std::to_string(process) + "-" + std::to_string(n); }

/// Single puts of one client, in a process of its own.
pace put_alone(const std::string& file, unsigned number, const matrix& rows, const auto_compaction& compaction,
               seconds time) {
  auto db = database::open(file, {.auto_compaction = compaction}).or_exit();
  auto target = rows_of(db);
  return run_clients(1, time, [&](unsigned, std::size_t n) {
    const auto values = rows.row(n % rows.rows());
    target.put(key_of(number, n), {values.begin(), values.end()}).or_exit();
  });
}

pace put_by_sqlite(const std::string& file, unsigned number, const matrix& rows, seconds time) {
  plain_sqlite target{file, table_shape::lodges, true};
  return run_clients(1, time, [&](unsigned, std::size_t n) {
    target.begin();
    target.insert(key_of(number, n), rows.row(n % rows.rows()));
    target.commit();
  });
}

/// A put each few milliseconds; a line each: its number, and when it was answered.
void put_slowly(const std::string& file, unsigned number, const matrix& rows, seconds time) {
  auto db = database::open(file, {.auto_compaction = {.changes = 0}}).or_exit();
  auto target = rows_of(db);
  const auto end = clock::now() + std::chrono::duration_cast<clock::duration>(time);
  for (std::size_t n = 0; clock::now() < end; ++n) {
    const auto values = rows.row(n % rows.rows());
    const auto at = target.put(key_of(number, n), {values.begin(), values.end()}).or_exit();
    std::printf("%llu %.1f\n", static_cast<unsigned long long>(at.number), now_us());
    std::fflush(stdout);
    std::this_thread::sleep_for(std::chrono::microseconds{2'000 + 37 * (n % 100)});
  }
}

/// Sums of the rates, and the worst latencies, of children that each wrote "rate p50 p99".
json total_of(const std::vector<std::vector<child_line>>& children) {
  double rate = 0;
  double p50 = 0;
  double p99 = 0;
  double slowest = 0;
  for (const auto& lines : children) {
    pace one;
    std::istringstream{lines.back().text} >> one.rate >> one.p50 >> one.p99;
    rate += one.rate;
    slowest = slowest == 0 ? one.rate : std::min(slowest, one.rate);
    p50 = std::max(p50, one.p50);
    p99 = std::max(p99, one.p99);
  }
  return {{"puts_s", rate}, {"slowest_puts_s", slowest}, {"call_p50_us", p50}, {"call_p99_us", p99}};
}

void write_rates(const run_options& options, unsigned repeat, journal& out) {
  const auto tell = [&](const std::string& who, unsigned processes, unsigned clients, const json& seen) {
    json line{
      {"part", "writers"}, {"contestant", who}, {"processes", processes}, {"clients", clients}, {"repeat", repeat}};
    line.update(seen);
    out.write(line);
  };
  const auto rows = draw(small_mixture(10'000)).rows;
  for (const unsigned processes : {1U, 2U, 4U, 8U}) {
    {
      const scratch place{options.out};
      rows_of(*std::make_unique<database>(database::open(place.file()).or_exit())).size().or_exit();
      tell("lodge", processes, 1, total_of(run_children(processes, "lodge", place.file(), options.time)));
    }
    const scratch place{options.out};
    { const plain_sqlite made{place.file(), table_shape::lodges}; }
    tell("SQLite", processes, 1, total_of(run_children(processes, "sqlite", place.file(), options.time)));
  }
  const scratch place{options.out};
  auto db = database::open(place.file(), {.auto_compaction = {.changes = 0}}).or_exit();
  auto target = rows_of(db);
  const auto seen = run_clients(8, options.time, [&](unsigned client, std::size_t n) {
    const auto values = rows.row(n % rows.rows());
    target.put(key_of(client, n), {values.begin(), values.end()}).or_exit();
  });
  tell(
    "lodge", 1, 8,
    {{"puts_s", seen.rate}, {"slowest_puts_s", seen.rate / 8}, {"call_p50_us", seen.p50}, {"call_p99_us", seen.p99}});
}

struct sighting {
  std::uint64_t number = 0;
  double at_us = 0;
};

/// Searches until told to stop, and notes when it first saw each later change.
std::vector<sighting> look_out(const collection& from, std::span<const float> query, const std::stop_token& stop) {
  std::vector<sighting> seen;
  const std::vector<std::vector<float>> queries{{query.begin(), query.end()}};
  while (!stop.stop_requested()) {
    const auto reply = from.search(queries, {.k = 1}).or_exit();
    if (seen.empty() || reply.as_of.number > seen.back().number)
      seen.push_back({reply.as_of.number, now_us()});
  }
  return seen;
}

void visibility(const run_options& options, unsigned repeat, journal& out) {
  const auto rows = draw(small_mixture(1'000)).rows;
  const scratch place{options.out};
  auto db = database::open(place.file(), {.auto_compaction = {.changes = 0}}).or_exit();
  const auto searched = rows_of(db);
  std::vector<sighting> seen;
  std::vector<child_line> puts;
  {
    std::jthread watching{[&](const std::stop_token& stop) { seen = look_out(searched, rows.row(0), stop); }};
    puts = run_child(child_command("slow", place.file(), 0, options.time));
    // The last one may take until the next poll.
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
  }
  std::vector<double> latencies;
  for (const auto& line : puts) {
    sighting put;
    std::istringstream{line.text} >> put.number >> put.at_us;
    const auto first = std::ranges::lower_bound(seen, put.number, {}, &sighting::number);
    if (first != seen.end())
      latencies.push_back(std::max(0.0, first->at_us - put.at_us));
  }
  out.write(json{{"part", "visible"},
                 {"repeat", repeat},
                 {"puts", puts.size()},
                 {"seen", latencies.size()},
                 {"p50_us", percentile(latencies, 0.50)},
                 {"p99_us", percentile(latencies, 0.99)}});
}

/// Searches of one client here, alone and beside another process.
void searches_beside(const run_options& options, unsigned repeat, journal& out) {
  const auto data = draw(small_mixture(searched_rows));
  const scratch place{options.out};
  auto db = database::open(place.file(), {.auto_compaction = {.changes = 0}}).or_exit();
  auto target = rows_of(db);
  std::vector<item> items;
  for (std::size_t i = 0; i < data.rows.rows(); ++i)
    items.push_back({"row " + std::to_string(i), std::vector<float>{data.rows.row(i).begin(), data.rows.row(i).end()}});
  target.put(std::move(items), no_timeout).or_exit();
  target.compact().or_exit();
  const auto measure = [&](const std::string& beside) {
    const auto seen = run_clients(1, options.time, [&](unsigned, std::size_t n) {
      const auto query = data.queries.row(n % data.queries.rows());
      target.search({query.begin(), query.end()}).or_exit();
    });
    out.write(json{{"part", "beside"},
                   {"beside", beside},
                   {"repeat", repeat},
                   {"qps", seen.rate},
                   {"p50_us", seen.p50},
                   {"p99_us", seen.p99}});
  };
  measure("nothing");
  for (const std::string what : {"lodge", "compacting"}) {
    std::jthread other{[&] { run_child(child_command(what, place.file(), 0, options.time * 2)); }};
    // It takes a moment to start.
    std::this_thread::sleep_for(options.time / 4);
    measure(what == "lodge" ? "a process that puts" : "a process that puts and compacts");
  }
}

} // namespace

void processes_part(const run_options& options, journal& out) {
  for (unsigned repeat = 0; repeat < options.repeats; ++repeat) {
    visibility(options, repeat, out);
    write_rates(options, repeat, out);
    searches_beside(options, repeat, out);
  }
}

void process_child(const std::string& what, const std::string& file, unsigned number, seconds time) {
  const auto rows = draw(small_mixture(1'000)).rows;
  if (what == "slow")
    return put_slowly(file, number, rows, time);
  const auto seen = what == "sqlite"
    ? put_by_sqlite(file, number, rows, time)
    : put_alone(file, number, rows, {.changes = what == "compacting" ? 1'000U : 0U}, time);
  std::printf("%f %f %f\n", seen.rate, seen.p50, seen.p99);
}

} // namespace lodge::bench
