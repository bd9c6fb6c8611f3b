#include "bench/clients.hpp"
#include "bench/message_puts.hpp"
#include "bench/parts.hpp"
#include "bench/plain_sqlite.hpp"
#include "bench/scratch.hpp"

#include <lodge/database.hpp>

#include <functional>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

/// Puts that are answered by one commit, at best.
struct grouping {
  /// "1 in flight", "batch of 1,000".
  std::string name;
  /// Threads that put, each a call at a time.
  unsigned threads = 1;
  std::size_t items_a_call = 1;
  std::size_t items_a_commit() const { return threads * items_a_call; }
};

const std::vector<grouping> groupings{
  {"1 in flight", 1, 1}, {"8 in flight", 8, 1}, {"64 in flight", 64, 1}, {"batches of 1,000", 1, 1'000}};

/// The items of the n-th call of a thread, each with a key of its own.
std::vector<item> items_of(const matrix& rows, const grouping& how, unsigned thread, std::size_t n) {
  std::vector<item> items;
  for (std::size_t i = n * how.items_a_call; i < (n + 1) * how.items_a_call; ++i) {
    const auto values = rows.row((i * how.threads + thread) % rows.rows());
    items.push_back(
      {std::to_string(thread) + "-" + std::to_string(i), std::vector<float>{values.begin(), values.end()}});
  }
  return items;
}

pace put_to_lodge(const std::string& file, const matrix& rows, const grouping& how, const auto_compaction& compaction,
                  seconds time) {
  auto db = database::open(file, {.auto_compaction = compaction}).or_exit();
  auto target = db.collection("rows", {.dimension = static_cast<std::uint32_t>(rows.dimension)}).or_exit();
  const auto seen = run_clients(how.threads, time, [&](unsigned thread, std::size_t n) {
    target.put(items_of(rows, how, thread, n), no_timeout).or_exit();
  });
  db.close().or_exit();
  return {seen.rate * static_cast<double>(how.items_a_call), seen.p50, seen.p99};
}

/// One thread and one connection: as many puts a transaction as lodge may have in flight.
pace put_to_sqlite(const std::string& file, const matrix& rows, const grouping& how, table_shape shape, seconds time) {
  plain_sqlite target{file, shape};
  const auto seen = run_clients(1, time, [&](unsigned, std::size_t n) {
    target.begin();
    for (auto i = n * how.items_a_commit(); i < (n + 1) * how.items_a_commit(); ++i)
      target.insert("0-" + std::to_string(i), rows.row(i % rows.rows()));
    target.commit();
  });
  return {seen.rate * static_cast<double>(how.items_a_commit()), seen.p50, seen.p99};
}

/// A transaction that changes one integer.
pace commit_alone(const std::string& file, seconds time) {
  plain_sqlite target{file, table_shape::one_table};
  return run_clients(1, time, [&](unsigned, std::size_t) {
    target.begin();
    target.commit();
  });
}

struct writer_kind {
  std::string name;
  std::function<pace(const std::string& file, const grouping&)> put;
  bool puts_batches = true;
};

} // namespace

void write_part(const run_options& options, journal& out) {
  mixture how;
  how.rows = 10'000;
  const auto rows = draw(how).rows;
  const auto time = options.time;
  const std::vector<writer_kind> kinds{
    {"lodge", [&](const auto& file, const auto& g) { return put_to_lodge(file, rows, g, {}, time); }},
    {"lodge, not compacting",
     [&](const auto& file, const auto& g) { return put_to_lodge(file, rows, g, {.changes = 0}, time); }},
    {"lodge, messages",
     [&](const auto& file, const auto& g) { return put_by_messages(file, rows, g.threads, {}, time); }, false},
    {"lodge, messages, not compacting",
     [&](const auto& file, const auto& g) { return put_by_messages(file, rows, g.threads, {.changes = 0}, time); },
     false},
    {"SQLite, lodge's tables",
     [&](const auto& file, const auto& g) { return put_to_sqlite(file, rows, g, table_shape::lodges, time); }},
    {"SQLite, one table",
     [&](const auto& file, const auto& g) { return put_to_sqlite(file, rows, g, table_shape::one_table, time); }}};
  for (unsigned repeat = 0; repeat < options.repeats; ++repeat) {
    const auto commit = commit_alone(scratch{options.out}.file(), time / 2);
    out.write(json{{"part", "commit"}, {"repeat", repeat}, {"p50_us", commit.p50}, {"p99_us", commit.p99}});
    for (const auto& group : groupings)
      for (const auto& kind : kinds) {
        if (group.items_a_call > 1 && !kind.puts_batches)
          continue;
        const scratch place{options.out};
        const auto seen = kind.put(place.file(), group);
        out.write(json{{"part", "write"},
                       {"contestant", kind.name},
                       {"group", group.name},
                       {"repeat", repeat},
                       {"puts_s", seen.rate},
                       {"call_p50_us", seen.p50},
                       {"call_p99_us", seen.p99}});
      }
  }
}

} // namespace lodge::bench
