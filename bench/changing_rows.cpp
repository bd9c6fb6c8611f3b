#include "bench/changing_rows.hpp"

#include "bench/lodge_client.hpp"
#include "bench/run_options.hpp"

#include <algorithm>

namespace lodge::bench {

namespace {

constexpr std::size_t batch = 1'000;

} // namespace

changing_rows::changing_rows(database& in, const dataset& pool)
  : pool_(pool),
    target_(in.collection("rows", {.dimension = static_cast<std::uint32_t>(pool.rows.dimension), .metric = pool.metric})
              .or_exit()) {}

void changing_rows::fill(std::size_t rows) {
  for (const auto end = size() + rows; size() < end;)
    put(size(), std::min(batch, end - size()));
}

void changing_rows::begin_with(std::size_t rows) {
  fill(rows);
  target_.compact().or_exit();
  load_fully(target_);
}

dataset changing_rows::present() const {
  dataset held{pool_.name, pool_.metric, {pool_.rows.dimension, {}}, pool_.queries};
  for (const auto vector : vector_of_key_) {
    const auto values = pool_.rows.row(vector);
    held.rows.values.insert(held.rows.values.end(), values.begin(), values.end());
  }
  return held;
}

void changing_rows::put(std::size_t first_key, std::size_t count) {
  vector_of_key_.resize(std::max(size(), first_key + count));
  std::vector<item> items;
  for (auto key = first_key; key < first_key + count; ++key) {
    const auto vector = next_vector_++ % pool_.rows.rows();
    const auto values = pool_.rows.row(vector);
    items.push_back({std::to_string(key), std::vector<float>{values.begin(), values.end()}});
    vector_of_key_[key] = vector;
  }
  target_.put(std::move(items), no_timeout).or_exit();
}

double recall_of(const changing_rows& held, const collection& searched, std::size_t k, std::uint32_t ef) {
  const auto data = held.present();
  std::vector<neighbours> found;
  lodge_client client{searched};
  for (std::size_t i = 0; i < data.queries.rows(); ++i) {
    neighbours rows;
    for (const auto& hit : client.search(data.queries.row(i), {.k = static_cast<std::int64_t>(k), .ef = ef}))
      rows.push_back(std::stoll(hit.key));
    found.push_back(std::move(rows));
  }
  return recall(exact_neighbours(data, k, cores()), found);
}

} // namespace lodge::bench
