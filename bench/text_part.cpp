#include "bench/clients.hpp"
#include "bench/data.hpp"
#include "bench/lodge_client.hpp"
#include "bench/made_text.hpp"
#include "bench/parts.hpp"
#include "bench/scratch.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;
using clock = std::chrono::steady_clock;

constexpr std::array<std::size_t, 3> sizes{10'000, 100'000, 1'000'000};
constexpr std::size_t single_puts = 2'000;
constexpr std::size_t rows_a_batch = 100;
constexpr std::size_t batches = 20;

struct probe {
  const char* name;
  /// A word's, in `made_text`.
  std::size_t rank;
};
constexpr std::array probes{probe{"rare", 20'000}, probe{"medium", 200}, probe{"frequent", 1}};

/// Rows with texts that come one after the other, in a file of their own, which is closed between two sizes: what was
/// loaded for searches is no part of the puts.
class text_rows {
public:
  text_rows(std::string file, const matrix& vectors, bool has_index)
    : file_(std::move(file)), vectors_(vectors), has_index_(has_index) {
    open();
  }

  void put(std::size_t rows) {
    std::vector<item> items;
    for (; items.size() < rows; ++size_) {
      const auto vector = vectors_.row(size_ % vectors_.rows());
      items.push_back({std::to_string(size_), std::vector<float>{vector.begin(), vector.end()},
                       json{{"text", texts_.next()}}.dump()});
    }
    target().put(std::move(items), no_timeout).or_exit();
  }

  void grow_to(std::size_t rows) {
    while (size_ < rows)
      put(std::min<std::size_t>(1'000, rows - size_));
  }

  void reopen() {
    db_.reset();
    open();
  }

  collection& target() { return *target_; }
  bool has_index() const { return has_index_; }

private:
  void open() {
    db_ = database::open(file_, {.auto_compaction = {.changes = 0}}).or_exit();
    collection_options made{.dimension = static_cast<std::uint32_t>(vectors_.dimension)};
    if (has_index_)
      made.text_fields = {{"text"}};
    target_ = db_->collection("rows", made).or_exit();
  }

  std::string file_;
  const matrix& vectors_;
  bool has_index_;
  made_text texts_;
  std::size_t size_ = 0;
  std::optional<database> db_;
  std::optional<collection> target_;
};

/// Microseconds of each of so many calls.
template <class Call>
std::vector<double> times_of(std::size_t calls, Call call) {
  std::vector<double> taken(calls);
  for (auto& each : taken) {
    const auto start = clock::now();
    call();
    each = std::chrono::duration<double, std::micro>{clock::now() - start}.count();
  }
  return taken;
}

double mean(const std::vector<double>& of) {
  return std::accumulate(of.begin(), of.end(), 0.0) / static_cast<double>(of.size());
}

void measure_puts(text_rows& rows, const json& labels, std::size_t singles, journal& out) {
  // Of a batch the making of its items is a part, too; it is that of the rows without an index.
  auto batch = times_of(batches, [&] { rows.put(rows_a_batch); });
  auto single = times_of(singles, [&] { rows.put(1); });
  json line{{"part", "text puts"}};
  line.update(labels);
  line.update(json{{"contestant", rows.has_index() ? "with text" : "the same rows without"},
                   {"mean_us", mean(single)},
                   {"p50_us", percentile(single, 0.5)},
                   {"p99_us", percentile(single, 0.99)},
                   {"longest_us", percentile(single, 1)},
                   {"batch_row_us", mean(batch) / static_cast<double>(rows_a_batch)}});
  out.write(line);
}

void measure_searches(text_rows& rows, const matrix& vectors, const run_options& options, const json& labels,
                      journal& out) {
  const auto& target = rows.target();
  const auto measure = [&](const char* kind, const probe& word, const std::function<std::size_t(std::size_t)>& search) {
    std::vector<double> taken;
    const auto until = clock::now() + options.time;
    for (std::size_t n = 0; n == 0 || clock::now() < until; ++n)
      taken.push_back(times_of(1, [&] { search(n); }).front());
    json line{{"part", "text search"}};
    line.update(labels);
    line.update(json{{"kind", kind},
                     {"word", word.name},
                     {"rank", word.rank},
                     {"p50_us", percentile(taken, 0.5)},
                     {"p99_us", percentile(taken, 0.99)}});
    out.write(line);
  };
  const search_options asked{.k = k, .timeout = no_timeout};
  for (const auto& each : probes) {
    // Another word of about the same rank each time.
    const auto word = [&](std::size_t n) { return made_text::word(each.rank + n % (each.rank / 10 + 1)); };
    measure("words", each, [&](std::size_t n) { return target.search_text(word(n), asked).or_exit().size(); });
    measure("hybrid", each, [&](std::size_t n) {
      const auto query = vectors.row(n % vectors.rows());
      return target.search_hybrid({query.begin(), query.end()}, word(n), asked).or_exit().size();
    });
  }
}

} // namespace

void text_part(const run_options& options, journal& out) {
  mixture how;
  how.dimension = 16;
  how.rows = 10'000;
  const auto vectors = draw(how);
  const scratch place{options.out};
  text_rows with{place.file(), vectors.rows, true};
  text_rows without{place.file() + "-plain", vectors.rows, false};
  for (const auto size : sizes) {
    if (size > options.most_rows)
      break;
    with.grow_to(size);
    without.grow_to(size);
    for (unsigned repeat = 0; repeat < options.repeats; ++repeat)
      for (auto* rows : {&with, &without})
        measure_puts(*rows, {{"rows", size}, {"repeat", repeat}}, std::min(single_puts, options.puts), out);
    with.target().compact().or_exit();
    load_fully(with.target());
    for (unsigned repeat = 0; repeat < options.repeats; ++repeat)
      measure_searches(with, vectors.queries, options, {{"rows", size}, {"repeat", repeat}}, out);
    with.reopen();
  }
}

} // namespace lodge::bench
