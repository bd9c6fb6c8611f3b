#pragma once

#include <lodge/error.hpp>

#include "index/link_lists.hpp"

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
  /// Links of a node on the upper levels; twice as many on the lowest.
  std::uint32_t m() const;
  std::size_t bytes_in_memory() const;

  /// FAISS's serialized form, without vectors.
  result<std::vector<std::uint8_t>> serialize() const;

  /// Reads what `serialize` gave. The caller has verified the checksum: FAISS believes the sizes that it reads.
  /// Fails with errc::base_corrupt if the bytes are no graph of `nodes` nodes.
  static result<std::shared_ptr<const graph>> parse(std::span<const std::uint8_t> bytes, std::size_t nodes);

  const faiss::IndexHNSW& index() const { return *links_; }
  /// Valid as long as the graph.
  link_lists lists() const;

private:
  std::unique_ptr<faiss::IndexHNSW> links_;
};

} // namespace lodge::index
