#include "bench/changing_rows.hpp"
#include "bench/clients.hpp"
#include "bench/lodge_client.hpp"
#include "bench/parts.hpp"
#include "bench/scratch.hpp"
#include "bench/usage.hpp"

#include <map>
#include <thread>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t most_rows = 20'000;
constexpr std::uint32_t ef = 100;
constexpr unsigned replacements = 3;
/// Keys that are replaced by one put, and so many keys a second: the compactor keeps up, as it does in a service.
constexpr std::size_t keys_a_put = 20;
constexpr double keys_a_second = 2'000;
constexpr auto_compaction none{.changes = 0, .growth = 0};

template <class Work>
usage used_by(Work work) {
  const auto before = usage_now();
  work();
  return usage_now() - before;
}

/// The bases that were published, each with its bytes.
using bases = std::map<std::uint64_t, std::uint64_t>;

/// Looks ten times a second which bases are published while `work` is done.
template <class Work>
bases published_by(const collection& of, Work work) {
  bases seen;
  const auto look = [&] {
    if (const auto now = of.stats().or_exit(); now.base_version != 0)
      seen[now.base_version] = now.base_bytes;
  };
  {
    const std::jthread watching{
      [&](const std::stop_token& stop) { act_at_pace(10, stop, [&](std::size_t) { look(); }); }};
    work();
  }
  look();
  return seen;
}

/// A collection is loaded, and from then on grows in memory, once it was searched.
void search_once(changing_rows& content, const dataset& pool) {
  lodge_client{content.target()}.search(pool.queries.row(0));
}

void replace_all(changing_rows& content, double keys_per_second) {
  const auto rows = content.size();
  const auto calls = (rows + keys_a_put - 1) / keys_a_put;
  std::stop_source finished;
  act_at_pace(keys_per_second / static_cast<double>(keys_a_put), finished.get_token(), [&](std::size_t n) {
    const auto first = n * keys_a_put;
    content.replace(first, std::min(keys_a_put, rows - first));
    if (n + 1 == calls)
      finished.request_stop();
  });
}

/// What it costs to write with compactions by themselves, to write without, and to build all at once.
struct costs {
  usage compacting;
  usage writing;
  usage building;
  bases published;
  /// Of the base that was built at once.
  std::uint64_t base_bytes = 0;

  json figures() const {
    const auto own = compacting - writing;
    double published_bytes = 0;
    for (const auto& [version, bytes] : published)
      published_bytes += static_cast<double>(bytes);
    return {{"cpu_s", own.cpu.count()},
            {"cpu_of_build_s", building.cpu.count()},
            {"cpu_ratio", own.cpu / building.cpu},
            {"written_bytes", own.written_bytes},
            {"base_bytes", base_bytes},
            {"written_ratio", own.written_bytes / static_cast<double>(base_bytes)},
            {"published_bytes", published_bytes},
            {"published_ratio", published_bytes / static_cast<double>(base_bytes)},
            {"bases", published.size()}};
  }
};

/// The same writes with compactions and without; `then` looks at what is there in the end.
template <class Write, class Then>
costs compare(const run_options& options, const dataset& pool, Write write, Then then) {
  costs seen;
  {
    const scratch place{options.out};
    auto db = database::open(place.file()).or_exit();
    changing_rows content{db, pool};
    search_once(content, pool);
    seen.compacting = used_by([&] {
      seen.published = published_by(content.target(), [&] {
        write(content, true);
        content.target().compact().or_exit();
      });
    });
    then("churned", content);
  }
  const scratch place{options.out};
  auto db = database::open(place.file(), {.auto_compaction = none}).or_exit();
  changing_rows content{db, pool};
  search_once(content, pool);
  seen.writing = used_by([&] { published_by(content.target(), [&] { write(content, false); }); });
  seen.building = used_by([&] { content.target().compact().or_exit(); });
  seen.base_bytes = content.target().stats().or_exit().base_bytes;
  then("fresh", content);
  return seen;
}

/// The whole content is replaced some times.
void replaced_content(const run_options& options, journal& out) {
  mixture how;
  const auto rows = options.rows_of_own(most_rows);
  how.rows = rows * (replacements + 1);
  const auto pool = draw(how);
  json line{{"part", "churn"}, {"rows", rows}, {"replacements", replacements}};
  const auto seen = compare(
    options, pool,
    [&](changing_rows& content, bool paced) {
      content.fill(rows);
      for (unsigned i = 0; i < replacements; ++i)
        replace_all(content, paced ? keys_a_second : 1e9);
    },
    [&](const std::string& name, changing_rows& content) {
      line["recall_" + name] = recall_of(content, content.target(), k, ef);
    });
  line.update(seen.figures());
  out.write(line);
}

/// Single puts of new keys, one at a time.
void single_puts(const run_options& options, journal& out) {
  mixture how;
  how.rows = options.puts;
  const auto pool = draw(how);
  const auto seen = compare(
    options, pool,
    [&](changing_rows& content, bool) {
      while (content.size() < options.puts)
        content.add();
    },
    [](const std::string&, changing_rows&) {});
  json line{{"part", "growth"}, {"puts", options.puts}};
  line.update(seen.figures());
  out.write(line);
}

} // namespace

void churn_part(const run_options& options, journal& out) {
  replaced_content(options, out);
  single_puts(options, out);
}

} // namespace lodge::bench
