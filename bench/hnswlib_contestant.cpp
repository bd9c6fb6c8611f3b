// Compiled with -O3 -march=native, as hnswlib's own build does.

#include "bench/contestant.hpp"

#include <hnswlib/hnswlib.h>

namespace lodge::bench {

namespace {

using graph = hnswlib::HierarchicalNSW<float>;

class hnswlib_contestant final : public contestant {
public:
  hnswlib_contestant(const std::string& file, std::size_t dimension) : space_(dimension), graph_(&space_, file) {}

  neighbours search(std::span<const float> query, std::size_t k) const override {
    auto found = graph_.searchKnn(query.data(), k);
    neighbours rows(found.size());
    // The farthest comes first.
    for (auto place = rows.rbegin(); place != rows.rend(); ++place, found.pop())
      *place = static_cast<std::int64_t>(found.top().second);
    return rows;
  }

  void set_ef(std::size_t ef) override { graph_.setEf(ef); }

private:
  hnswlib::L2Space space_;
  graph graph_;
};

build_times build(const dataset& data, const std::string& file) {
  hnswlib::L2Space space{data.rows.dimension};
  const auto start = std::chrono::steady_clock::now();
  graph built{&space, data.rows.rows(), graph_m, graph_ef_construction};
  for (std::size_t row = 0; row < data.rows.rows(); ++row)
    built.addPoint(data.rows.row(row).data(), row);
  const auto end = std::chrono::steady_clock::now();
  built.saveIndex(file);
  return {seconds{0}, end - start};
}

} // namespace

competitor hnswlib_competitor() {
  return {"hnswlib", ".hnswlib", build,
          [](const std::string& file, std::size_t dimension) -> std::unique_ptr<contestant> {
            return std::make_unique<hnswlib_contestant>(file, dimension);
          }};
}

} // namespace lodge::bench
