#include "bench/contestant.hpp"
#include "bench/fail.hpp"

#include <lodge/database.hpp>

#include <algorithm>
#include <charconv>
#include <thread>

namespace lodge::bench {

namespace {

constexpr std::size_t import_batch = 1'000;
constexpr std::chrono::seconds batch_timeout{60};
constexpr std::chrono::seconds ready_timeout{60};
constexpr auto collection_name = "rows";

/// Keys are row numbers.
std::int64_t row_of(const std::string& key) {
  std::int64_t row = -1;
  std::from_chars(key.data(), key.data() + key.size(), row);
  return row;
}

class lodge_contestant final : public contestant {
public:
  explicit lodge_contestant(const std::string& file)
    : database_(database::open(file, {.create = false, .auto_compaction = {.changes = 0}}).or_exit()),
      rows_(database_.collection(collection_name).or_exit()) {}

  neighbours search(std::span<const float> query, std::size_t k) const override {
    const auto found =
      rows_.search({query.begin(), query.end()}, {.k = static_cast<std::int64_t>(k), .ef = ef_}).or_exit();
    neighbours rows(found.size());
    std::ranges::transform(found, rows.begin(), [](const hit& x) { return row_of(x.key); });
    return rows;
  }

  void set_ef(std::size_t ef) override { ef_ = static_cast<std::uint32_t>(ef); }

  void wait_until_ready() override {
    // A collection is loaded at its first search.
    search(std::vector<float>(rows_.info().or_exit().dimension, 1.0F), 1);
    const auto deadline = std::chrono::steady_clock::now() + ready_timeout;
    for (;;) {
      const auto seen = rows_.stats().or_exit();
      if (seen.graph_vectors == seen.vectors && seen.vectors > 0)
        return;
      if (std::chrono::steady_clock::now() > deadline)
        fail("lodge searches " + std::to_string(seen.graph_vectors) + " of " + std::to_string(seen.vectors)
             + " vectors through the graph, 60 s after opening");
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  }

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
  auto built = database::open(file, {.auto_compaction = {.changes = 0}}).or_exit();
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
