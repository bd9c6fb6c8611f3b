#include "bench/changing_rows.hpp"
#include "bench/clients.hpp"
#include "bench/lodge_client.hpp"
#include "bench/parts.hpp"
#include "bench/scratch.hpp"

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t most_rows = 20'000;
constexpr std::uint32_t ef = 100;
constexpr double puts_a_second = 500;
/// A stretch with puts is so much longer, so that some compactions fall into it.
constexpr double longer = 5;
/// Of searches during a compaction.
constexpr unsigned compactions = 5;

dataset pool_for(const run_options& options, std::size_t rows) {
  mixture how;
  how.rows = 2 * rows + static_cast<std::size_t>(puts_a_second * longer * 2 * options.repeats * options.time.count());
  how.queries = 500;
  return draw(how);
}

/// Searches of one client, with queries in turn.
std::function<void(std::size_t)> searches_by(lodge_client& client, const matrix& queries) {
  return [&](std::size_t n) { client.search(queries.row(n % queries.rows()), {.k = k, .ef = ef}); };
}

void write_line(const std::string& part, const std::string& load, std::size_t rows, unsigned repeat, const pace& seen,
                const json& more, journal& out) {
  json line{{"part", part},     {"load", load},       {"rows", rows},      {"repeat", repeat},
            {"qps", seen.rate}, {"p50_us", seen.p50}, {"p99_us", seen.p99}};
  line.update(more);
  out.write(line);
}

/// Idle, and while puts arrive: half of new keys, half of keys that were there.
void beside_puts(const run_options& options, std::size_t rows, journal& out) {
  const auto pool = pool_for(options, rows);
  const scratch place{options.out};
  auto db = database::open(place.file()).or_exit();
  changing_rows content{db, pool};
  content.begin_with(rows);
  lodge_client client{content.target()};
  const auto search = searches_by(client, pool.queries);
  for (unsigned repeat = 0; repeat < options.repeats; ++repeat) {
    const auto idle = run_clients(1, options.time, [&](unsigned, std::size_t n) { search(n); });
    write_line("mixed", "idle", rows, repeat, idle,
               {{"puts_s", 0}, {"recall", recall_of(content, content.target(), k, ef)}}, out);
    pace loaded;
    std::size_t puts = 0;
    const auto start = std::chrono::steady_clock::now();
    {
      const std::jthread writer{[&](const std::stop_token& stop) {
        puts = act_at_pace(puts_a_second, stop, [&](std::size_t n) {
          if (n % 2 == 0)
            content.add();
          else
            content.replace(n * 7'919 % rows);
        });
      }};
      loaded = run_clients(1, options.time * longer, [&](unsigned, std::size_t n) { search(n); });
    }
    const seconds took = std::chrono::steady_clock::now() - start;
    write_line(
      "mixed", "puts", rows, repeat, loaded,
      {{"puts_s", static_cast<double>(puts) / took.count()}, {"recall", recall_of(content, content.target(), k, ef)}},
      out);
  }
}

/// Idle, while a tenth that was replaced is compacted, and while all is built anew.
void beside_compactions(const run_options& options, std::size_t rows, journal& out) {
  const auto pool = pool_for(options, rows);
  const scratch place{options.out};
  auto db = database::open(place.file(), {.auto_compaction = {.changes = 0}}).or_exit();
  changing_rows content{db, pool};
  content.begin_with(rows);
  lodge_client client{content.target()};
  const auto search = searches_by(client, pool.queries);
  for (unsigned repeat = 0; repeat < compactions; ++repeat) {
    const auto idle = run_clients(1, options.time, [&](unsigned, std::size_t n) { search(n); });
    write_line("compacting", "idle", rows, repeat, idle, json::object(), out);
    const auto tenth = std::max<std::size_t>(rows / 10, 1);
    content.replace(repeat * tenth, tenth);
    const auto compacting = run_client_during([&] { content.target().compact().or_exit(); }, search);
    write_line("compacting", "compaction", rows, repeat, compacting, json::object(), out);
    const auto rebuilding = run_client_during([&] { content.target().rebuild().or_exit(); }, search);
    write_line("compacting", "rebuild", rows, repeat, rebuilding, json::object(), out);
  }
}

} // namespace

void mixed_part(const run_options& options, journal& out) {
  const auto rows = options.rows_of_own(most_rows);
  beside_puts(options, rows, out);
  beside_compactions(options, rows, out);
}

} // namespace lodge::bench
