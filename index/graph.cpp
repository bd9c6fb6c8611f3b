#include "index/graph.hpp"

#include <faiss/impl/DistanceComputer.h>
#include <faiss/impl/FaissException.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>

namespace lodge::index {

namespace {

constexpr std::size_t rows_a_step = 64;

/// Distances between rows of a block, in the index's order, with our kernels.
struct block_distances final : faiss::DistanceComputer {
  block_distances(const row_block& block, distance_function function) : rows(block), distance(function) {}
  void set_query(const float* x) override { query = x; }
  float operator()(std::int64_t row) override {
    return distance(query, rows.vector(static_cast<std::size_t>(row)), rows.dimension());
  }
  float symmetric_dis(std::int64_t a, std::int64_t b) override {
    return distance(rows.vector(static_cast<std::size_t>(a)), rows.vector(static_cast<std::size_t>(b)),
                    rows.dimension());
  }
  const row_block& rows;
  distance_function distance;
  const float* query = nullptr;
};

/// Lets FAISS link rows that lie in a block already. It is declared L2 ("smaller is nearer") for every metric,
/// since `distance_function` is.
struct block_storage final : faiss::Index {
  block_storage(const row_block& block, distance_function function)
    : Index(static_cast<std::int64_t>(block.dimension()), faiss::METRIC_L2), rows(block), distance(function) {
    is_trained = true;
  }
  void add(std::int64_t n, const float*) override { ntotal += n; }
  void reset() override { ntotal = 0; }
  void search(std::int64_t, const float*, std::int64_t, float*, std::int64_t*,
              const faiss::SearchParameters*) const override {}
  faiss::DistanceComputer* get_distance_computer() const override { return new block_distances(rows, distance); }
  const row_block& rows;
  distance_function distance;
};

struct byte_writer final : faiss::IOWriter {
  std::size_t operator()(const void* source, std::size_t size, std::size_t count) override {
    const auto* first = static_cast<const std::uint8_t*>(source);
    bytes.insert(bytes.end(), first, first + size * count);
    return count;
  }
  std::vector<std::uint8_t> bytes;
};

struct byte_reader final : faiss::IOReader {
  explicit byte_reader(std::span<const std::uint8_t> source) : left(source) {}
  std::size_t operator()(void* target, std::size_t size, std::size_t count) override {
    const auto wanted = size * count;
    if (wanted > left.size())
      return 0;
    if (wanted > 0)
      std::memcpy(target, left.data(), wanted);
    left = left.subspan(wanted);
    return count;
  }
  std::span<const std::uint8_t> left;
};

/// FAISS's exceptions end here.
template <class Function>
auto attempt(errc code, Function function) -> decltype(function()) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory, "while FAISS worked on a graph"};
  } catch (const std::exception& failure) {
    return error{code, failure.what()};
  }
}

/// Whether each link names a node, so that a search cannot leave the arrays.
bool links_are_sound(const faiss::HNSW& hnsw, std::size_t nodes) {
  if (hnsw.levels.size() != nodes || hnsw.offsets.size() != nodes + 1)
    return false;
  if (nodes == 0)
    return hnsw.entry_point == -1;
  if (hnsw.entry_point < 0 || static_cast<std::size_t>(hnsw.entry_point) >= nodes || hnsw.max_level < 0
      || hnsw.levels[static_cast<std::size_t>(hnsw.entry_point)] != hnsw.max_level + 1)
    return false;
  const auto& cumulated = hnsw.cum_nneighbor_per_level;
  for (std::size_t i = 0; i < nodes; ++i) {
    const auto level = static_cast<std::size_t>(hnsw.levels[i]);
    if (hnsw.levels[i] < 1 || level >= cumulated.size() || cumulated[level] < 0
        || hnsw.offsets[i + 1] - hnsw.offsets[i] != static_cast<std::size_t>(cumulated[level]))
      return false;
  }
  const auto in_range = [&](int link) { return link >= -1 && link < static_cast<int>(nodes); };
  return hnsw.neighbors.size() == hnsw.offsets[nodes]
    && std::all_of(hnsw.neighbors.data(), hnsw.neighbors.data() + hnsw.neighbors.size(), in_range);
}

} // namespace

graph::graph(std::unique_ptr<faiss::IndexHNSW> links) : links_(std::move(links)) {}
graph::~graph() = default;

std::size_t graph::size() const { return links_->hnsw.levels.size(); }

std::size_t graph::bytes_in_memory() const {
  const auto& hnsw = links_->hnsw;
  return hnsw.neighbors.size() * sizeof(int) + hnsw.offsets.size() * sizeof(std::size_t)
    + hnsw.levels.size() * sizeof(int);
}

result<std::vector<std::uint8_t>> graph::serialize() const {
  return attempt(errc::internal, [&]() -> result<std::vector<std::uint8_t>> {
    byte_writer out;
    out.bytes.reserve(bytes_in_memory() + 4'096);
    faiss::write_index(links_.get(), &out);
    return std::move(out.bytes);
  });
}

result<std::shared_ptr<const graph>> graph::parse(std::span<const std::uint8_t> bytes, std::size_t nodes) {
  return attempt(errc::base_corrupt, [&]() -> result<std::shared_ptr<const graph>> {
    byte_reader in{bytes};
    std::unique_ptr<faiss::Index> read{faiss::read_index(&in)};
    auto* links = dynamic_cast<faiss::IndexHNSW*>(read.get());
    if (links == nullptr || !in.left.empty() || !links_are_sound(links->hnsw, nodes))
      return error{errc::base_corrupt, "the stored graph is none of " + std::to_string(nodes) + " nodes"};
    read.release();
    return std::shared_ptr<const graph>{std::make_shared<graph>(std::unique_ptr<faiss::IndexHNSW>{links})};
  });
}

graph_builder::graph_builder(row_block_ptr rows, std::size_t count, distance_function distance, graph_options options)
  : rows_(std::move(rows)), count_(count), distance_(distance) {
  auto links =
    std::make_unique<faiss::IndexHNSWFlat>(static_cast<int>(rows_->dimension()), static_cast<int>(options.m));
  links->hnsw.efConstruction = static_cast<int>(options.ef_construction);
  links_ = std::move(links);
}

graph_builder::~graph_builder() = default;

result<void> graph_builder::step() {
  return attempt(errc::internal, [&]() -> result<void> {
    // FAISS asks its storage for distances only; while it links, that is the block. The empty storage that
    // belongs to the index comes back afterwards and is what gets serialized.
    block_storage storage{*rows_, distance_};
    storage.ntotal = static_cast<std::int64_t>(linked_);
    struct lend {
      faiss::Index*& place;
      faiss::Index* own;
      lend(faiss::Index*& target, faiss::Index* guest) : place(target), own(target) { place = guest; }
      ~lend() { place = own; }
    } lent{links_->storage, &storage};
    const auto rows = std::min(rows_a_step, count_ - linked_);
    if (rows > 0)
      links_->add(static_cast<std::int64_t>(rows), rows_->vector(linked_));
    linked_ += rows;
    return {};
  });
}

std::shared_ptr<const graph> graph_builder::take() { return std::make_shared<graph>(std::move(links_)); }

} // namespace lodge::index
