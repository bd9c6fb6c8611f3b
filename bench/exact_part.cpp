#include "bench/clients.hpp"
#include "bench/fail.hpp"
#include "bench/lodge_client.hpp"
#include "bench/parts.hpp"

#include <faiss/IndexFlat.h>

#include <numeric>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t queries_a_batch = 100;
constexpr std::size_t large_array = std::size_t{256} << 20;

/// A call that scans all rows for the queries from a number on.
struct scan {
  std::string contestant;
  std::size_t queries_a_call = 1;
  std::function<void(std::size_t first)> call;
};

/// Four quarters at a time: one sum would wait for each addition, and not for memory.
float sum_of(const std::vector<float>& values) {
  const auto quarter = values.size() / 4;
  const auto* first = values.data();
  float a = 0;
  float b = 0;
  float c = 0;
  float d = 0;
#pragma omp simd reduction(+ : a, b, c, d)
  for (std::size_t i = 0; i < quarter; ++i) {
    a += first[i];
    b += first[quarter + i];
    c += first[2 * quarter + i];
    d += first[3 * quarter + i];
  }
  return a + b + c + d;
}

/// Bytes a second that one core reads of an array of floats, by adding them up.
double read_rate(std::size_t bytes, seconds time) {
  using clock = std::chrono::steady_clock;
  const std::vector<float> values(bytes / sizeof(float), 1.0F);
  // Looked at, so that no sum is left out.
  auto total = sum_of(values);
  const auto start = clock::now();
  double passes = 0;
  seconds took{0};
  for (; took < time || passes == 0; ++passes) {
    total += sum_of(values);
    took = clock::now() - start;
  }
  if (total <= 0)
    fail("a sum of ones is not above zero");
  return passes * static_cast<double>(bytes) / took.count();
}

std::vector<std::vector<float>> batch_of(const matrix& queries, std::size_t first) {
  std::vector<std::vector<float>> batch;
  for (auto i = first; i < std::min(first + queries_a_batch, queries.rows()); ++i)
    batch.emplace_back(queries.row(i).begin(), queries.row(i).end());
  return batch;
}

std::vector<scan> scans_of_lodge(const collection& rows, const matrix& queries) {
  const search_options options{.k = k, .exact = true, .timeout = no_timeout};
  const auto client = std::make_shared<lodge_client>(rows);
  return {{"lodge, reader", 1, [=, &queries](std::size_t first) { client->search(queries.row(first), options); }},
          {"lodge", 1,
           [=, &queries](std::size_t first) {
             const auto query = queries.row(first);
             rows.search({query.begin(), query.end()}, options).or_exit();
           }},
          {"lodge, batch", queries_a_batch,
           [=, &queries](std::size_t first) { rows.search(batch_of(queries, first), options).or_exit(); }}};
}

std::vector<scan> scans_of_faiss(const faiss::IndexFlatL2& index, const matrix& queries) {
  std::vector<scan> both;
  for (const auto count : {std::size_t{1}, queries_a_batch})
    both.push_back({"FAISS flat", count, [=, &index, &queries](std::size_t first) {
                      std::vector<float> distances(count * k);
                      std::vector<std::int64_t> labels(count * k);
                      index.search(static_cast<std::int64_t>(count), queries.row(first).data(), std::int64_t{k},
                                   distances.data(), labels.data());
                    }});
  return both;
}

void write_read_rates(const run_options& options, const dataset& data, unsigned repeat, journal& out) {
  const auto size_of_rows = data.rows.values.size() * sizeof(float);
  for (const auto& [array, bytes] : {std::pair{"large", large_array}, std::pair{"as large as the rows", size_of_rows}})
    out.write(json{{"part", "bandwidth"},
                   {"data", data.name},
                   {"array", array},
                   {"bytes", bytes},
                   {"repeat", repeat},
                   {"gb_s", read_rate(bytes, options.time / 4) / 1e9}});
}

} // namespace

void exact_part(const run_options& options, const dataset& data, journal& out) {
  auto db = database::open(options.index_file(lodge_competitor(), data.name),
                           {.create = false, .auto_compaction = {.changes = 0}})
              .or_exit();
  const auto rows = db.collection("rows").or_exit();
  load_fully(rows);
  faiss::IndexFlatL2 flat{static_cast<std::int64_t>(data.rows.dimension)};
  flat.add(static_cast<std::int64_t>(data.rows.rows()), data.rows.values.data());
  auto scans = scans_of_lodge(rows, data.queries);
  std::ranges::move(scans_of_faiss(flat, data.queries), std::back_inserter(scans));
  const auto bytes_a_query = static_cast<double>(data.rows.values.size() * sizeof(float));
  for (unsigned repeat = 0; repeat < options.repeats; ++repeat) {
    write_read_rates(options, data, repeat, out);
    for (const auto& each : scans) {
      const auto calls = data.queries.rows() / each.queries_a_call;
      const auto seen =
        run_clients(1, options.time, [&](unsigned, std::size_t n) { each.call(n % calls * each.queries_a_call); });
      const auto rate = seen.rate * static_cast<double>(each.queries_a_call);
      out.write(json{{"part", "exact"},
                     {"data", data.name},
                     {"contestant", each.contestant},
                     {"queries_a_call", each.queries_a_call},
                     {"repeat", repeat},
                     {"qps", rate},
                     {"gb_s", rate * bytes_a_query / 1e9},
                     {"p50_us", seen.p50},
                     {"p99_us", seen.p99}});
    }
  }
}

} // namespace lodge::bench
