#pragma once

#include <lodge/error.hpp>

#include "index/kernels.hpp"
#include "index/row_block.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace faiss {
struct IndexHNSW;
}

namespace lodge::index {

/// How a graph is built.
struct graph_options {
  /// Links a node on the upper levels; twice as many on the lowest.
  std::uint32_t m = 16;
  /// Candidates kept while a node is linked in.
  std::uint32_t ef_construction = 200;
};

/// A hierarchical navigable small-world graph over the rows of one block: the links only, no vectors.
///
/// **Operation**: node i is row i. FAISS owns the links and their serialized form; the vectors stay in the block.
/// Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable
/// Small World graphs", 2016.
/// **Concurrency**: immutable; any number of searches at the same time.
class graph {
public:
  explicit graph(std::unique_ptr<faiss::IndexHNSW> links);
  ~graph();

  /// Nodes in the graph.
  std::size_t size() const;
  std::size_t bytes_in_memory() const;

  /// FAISS's serialized form, without vectors.
  result<std::vector<std::uint8_t>> serialize() const;

  /// Reads what `serialize` gave. The caller has verified the checksum: FAISS believes the sizes that it reads.
  /// Fails with errc::base_corrupt if the bytes are no graph of `nodes` nodes.
  static result<std::shared_ptr<const graph>> parse(std::span<const std::uint8_t> bytes, std::size_t nodes);

  const faiss::IndexHNSW& links() const { return *links_; }

private:
  std::unique_ptr<faiss::IndexHNSW> links_;
};

/// Builds a graph a few rows at a time, so that its caller can be stopped in between.
///
/// The same rows and options give the same graph, however they are cut into steps of one size.
class graph_builder {
public:
  /// Links the first `count` rows of the block, which the builder keeps alive.
  graph_builder(row_block_ptr rows, std::size_t count, distance_function distance, graph_options options);
  ~graph_builder();

  /// Links up to 64 further rows (FAISS runs them on the caller's thread alone).
  result<void> step();
  bool done() const { return linked_ == count_; }
  std::size_t linked() const { return linked_; }

  /// The graph, once done. The builder is empty then.
  std::shared_ptr<const graph> take();

private:
  row_block_ptr rows_;
  std::size_t count_;
  std::size_t linked_ = 0;
  distance_function distance_;
  std::unique_ptr<faiss::IndexHNSW> links_;
};

} // namespace lodge::index
