#include "bench/contestant.hpp"
#include "bench/fail.hpp"
#include "bench/lodge_graph.hpp"

#include <faiss/index_io.h>
#include <faiss/IndexHNSW.h>
#include <omp.h>

namespace lodge::bench {

namespace {

/// IndexHNSWFlat under L2, as it comes from FAISS.
class faiss_contestant final : public contestant {
public:
  explicit faiss_contestant(std::unique_ptr<faiss::IndexHNSW> index) : index_(std::move(index)) {}

  neighbours search(std::span<const float> query, std::size_t k) const override {
    neighbours rows(k);
    std::vector<float> distances(k);
    index_->search(1, query.data(), static_cast<std::int64_t>(k), distances.data(), rows.data());
    return rows;
  }

  // In the index and not in SearchParameters: FAISS 1.7.3 sizes its heap by the member, and a larger parameter would
  // not be honoured.
  void set_ef(std::size_t ef) override { index_->hnsw.efSearch = static_cast<int>(ef); }

private:
  std::unique_ptr<faiss::IndexHNSW> index_;
};

build_times build(const dataset& data, const std::string& file) {
  omp_set_num_threads(1);
  faiss::IndexHNSWFlat index{static_cast<int>(data.rows.dimension), static_cast<int>(graph_m)};
  index.hnsw.efConstruction = static_cast<int>(graph_ef_construction);
  const auto start = std::chrono::steady_clock::now();
  index.add(static_cast<std::int64_t>(data.rows.rows()), data.rows.values.data());
  const auto built = std::chrono::steady_clock::now();
  faiss::write_index(&index, file.c_str());
  return {seconds{0}, built - start};
}

std::unique_ptr<contestant> open(const std::string& file, std::size_t) {
  std::unique_ptr<faiss::Index> read{faiss::read_index(file.c_str())};
  if (dynamic_cast<faiss::IndexHNSW*>(read.get()) == nullptr)
    fail(file + " holds no HNSW index of FAISS");
  return std::make_unique<faiss_contestant>(
    std::unique_ptr<faiss::IndexHNSW>{static_cast<faiss::IndexHNSW*>(read.release())});
}

std::unique_ptr<contestant> open_lodges_graph(const std::string& file, std::size_t) {
  const auto stored = read_lodge_graph(file);
  auto index =
    std::make_unique<faiss::IndexHNSWFlat>(static_cast<int>(stored.rows.dimension), static_cast<int>(graph_m));
  index->storage->add(static_cast<std::int64_t>(stored.rows.rows()), stored.rows.values.data());
  index->hnsw = stored.graph->index().hnsw;
  index->ntotal = static_cast<std::int64_t>(stored.rows.rows());
  return std::make_unique<faiss_contestant>(std::move(index));
}

} // namespace

competitor faiss_competitor() { return {"FAISS", ".faiss", build, open}; }

competitor faiss_on_lodges_graph() { return {"FAISS, lodge's graph", ".lodge", nullptr, open_lodges_graph}; }

} // namespace lodge::bench
