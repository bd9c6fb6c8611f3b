#include "index/graph.hpp"

#include "index/faiss_errors.hpp"

#include <faiss/impl/FaissException.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <faiss/IndexHNSW.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>

namespace lodge::index {

namespace {

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

/// Whether each link names a node, so that a search cannot leave the arrays.
bool links_are_sound(const faiss::HNSW& hnsw, std::size_t nodes) {
  if (hnsw.levels.size() != nodes || hnsw.offsets.size() != nodes + 1 || hnsw.cum_nneighbor_per_level.size() < 3)
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

std::uint32_t graph::m() const { return static_cast<std::uint32_t>(links_->hnsw.nb_neighbors(1)); }

link_lists graph::lists() const {
  const auto& hnsw = links_->hnsw;
  return {size(),           hnsw.offsets.data(), hnsw.cum_nneighbor_per_level.data(), hnsw.neighbors.data(),
          hnsw.entry_point, hnsw.max_level};
}

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

} // namespace lodge::index
