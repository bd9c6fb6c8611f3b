#include "bench/contestant.hpp"
#include "bench/lodge_client.hpp"

#include <lodge/database.hpp>

#include <algorithm>
#include <charconv>

namespace lodge::bench {

namespace {

constexpr std::size_t import_batch = 1'000;
constexpr std::chrono::seconds batch_timeout{60};
constexpr auto collection_name = "rows";
constexpr std::size_t queries_a_batch = 100;

/// Keys are row numbers.
std::int64_t row_of(const std::string& key) {
  std::int64_t row = -1;
  std::from_chars(key.data(), key.data() + key.size(), row);
  return row;
}

neighbours rows_of(const hits& found) {
  neighbours rows(found.size());
  std::ranges::transform(found, rows.begin(), [](const hit& x) { return row_of(x.key); });
  return rows;
}

/// One call with many queries.
class batch_calls final : public asker {
public:
  batch_calls(collection of, const search_options& options) : of_(std::move(of)), options_(options) {}

  std::size_t queries_a_call() const override { return queries_a_batch; }

  std::vector<neighbours> ask(const matrix& queries, std::size_t first, std::size_t k) override {
    std::vector<std::vector<float>> asked;
    for (auto i = first; i < std::min(first + queries_a_batch, queries.rows()); ++i)
      asked.emplace_back(queries.row(i).begin(), queries.row(i).end());
    auto options = options_;
    options.k = static_cast<std::int64_t>(k);
    const auto reply = of_.search(asked, options).or_exit();
    std::vector<neighbours> rows(reply.results.size());
    std::ranges::transform(reply.results, rows.begin(), rows_of);
    return rows;
  }

private:
  collection of_;
  search_options options_;
};

/// One query a call, on the asking thread.
class reader_calls final : public asker {
public:
  reader_calls(const collection& of, const search_options& options) : client_(of), options_(options) {}

  std::vector<neighbours> ask(const matrix& queries, std::size_t first, std::size_t k) override {
    options_.k = static_cast<std::int64_t>(k);
    return {rows_of(client_.search(queries.row(first), options_))};
  }

private:
  lodge_client client_;
  search_options options_;
};

class lodge_contestant final : public contestant {
public:
  explicit lodge_contestant(const std::string& file)
    : database_(database::open(file, {.create = false, .auto_compaction = {.changes = 0}}).or_exit()),
      rows_(database_.collection(collection_name).or_exit()) {}

  neighbours search(std::span<const float> query, std::size_t k) const override {
    return rows_of(
      rows_.search({query.begin(), query.end()}, {.k = static_cast<std::int64_t>(k), .ef = ef_}).or_exit());
  }

  std::vector<way> ways(const std::string& name) const override {
    auto all = contestant::ways(name);
    all.push_back(
      {name + ", reader", [this] { return std::make_unique<reader_calls>(rows_, search_options{.ef = ef_}); }});
    all.push_back(
      {name + ", batch", [this] { return std::make_unique<batch_calls>(rows_, search_options{.ef = ef_}); }});
    return all;
  }

  void set_ef(std::size_t ef) override { ef_ = static_cast<std::uint32_t>(ef); }

  void wait_until_ready() override { load_fully(rows_); }

private:
  database database_;
  collection rows_;
  std::uint32_t ef_ = 100;
};

void import_rows(const matrix& rows, collection& target) {
  for (std::size_t first = 0; first < rows.rows(); first += import_batch) {
    std::vector<item> batch;
    for (auto row = first; row < std::min(first + import_batch, rows.rows()); ++row) {
      const auto values = rows.row(row);
      batch.push_back({std::to_string(row), std::vector<float>{values.begin(), values.end()}});
    }
    target.put(std::move(batch), batch_timeout).or_exit();
  }
}

/// Compaction by itself is off, so that storing and building are timed apart.
build_times build(const dataset& data, const std::string& file) {
  using clock = std::chrono::steady_clock;
  auto built = database::open(file, {.auto_compaction = {.changes = 0}, .build_workers = 1}).or_exit();
  auto target = built
                  .collection(collection_name,
                              {.dimension = static_cast<std::uint32_t>(data.rows.dimension),
                               .metric = data.metric,
                               .m = static_cast<std::uint32_t>(graph_m),
                               .ef_construction = static_cast<std::uint32_t>(graph_ef_construction)})
                  .or_exit();
  const auto start = clock::now();
  import_rows(data.rows, target);
  const auto imported = clock::now();
  target.compact().or_exit();
  const auto compacted = clock::now();
  built.close().or_exit();
  return {imported - start, compacted - imported};
}

} // namespace

competitor lodge_competitor() {
  return {"lodge", ".lodge", build, [](const std::string& file, std::size_t) -> std::unique_ptr<contestant> {
            return std::make_unique<lodge_contestant>(file);
          }};
}

} // namespace lodge::bench
