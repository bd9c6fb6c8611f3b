#pragma once

#include "index/graph.hpp"
#include "index/graph_walk.hpp"
#include "index/kernels.hpp"
#include "index/row_pages.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace lodge::index {

/// How a graph is built.
struct graph_options {
  /// Links a node on the upper levels; twice as many on the lowest.
  std::uint32_t m = 16;
  /// Candidates kept while a node is linked in.
  std::uint32_t ef_construction = 200;
};

/// Builds a graph, or lets one grow, a few rows at a time, so that its caller can be stopped in between.
///
/// **Operation**: rows are linked in batches, each in two steps: `plan` chooses the links of one row in the graph as it
/// is before the batch, and among the rows before it in the batch; `link` writes what was planned into the lists of
/// some nodes. A row's highest level depends on its place alone. So the same rows and options give the same graph,
/// however the work is cut.
/// Algorithms 1 and 4 of Malkov and Yashunin (2016).
/// **Concurrency**: plans of one batch may be made at the same time, each with a scratch of its own; links of different
/// nodes may be written at the same time once all plans are made.
class graph_builder {
public:
  /// @param rows What is to be linked; kept alive.
  /// @param from The graph over the first of these rows, with the same `m`, which is copied; null to begin anew.
  graph_builder(row_pages_ptr rows, const kernels& distances, graph_options options, const graph* from = nullptr);
  ~graph_builder();

  /// Plans and links up to 64 further rows.
  result<void> step();

  /// The parts of a step, for several workers. Begins a batch, and says of how many rows; 0 when done.
  std::size_t begin_batch();
  /// Plans one row of the batch, counted from 0.
  void plan(std::size_t row_of_batch, walk_scratch& scratch);
  /// Once all rows are planned: writes the lists of the nodes from the first to before the end.
  void link(std::size_t first_node, std::size_t end_node);
  /// Once the lists of all nodes are written.
  void end_batch();

  bool done() const { return linked_ == count_; }
  std::size_t linked() const { return linked_; }

  /// The graph, once done. The builder is empty then.
  std::shared_ptr<const graph> take();

private:
  /// The nodes that one row will name, nearest first, for each of its levels from 0 up.
  using plan_of_row = std::vector<std::vector<candidate>>;

  std::size_t next_batch() const;
  int level(std::size_t row) const;
  void plan(std::size_t row, plan_of_row& planned, walk_scratch& scratch) const;
  void add_batch_mates(std::size_t row, int level, std::vector<candidate>& candidates) const;
  /// Leaves of what is sorted by its distance at most `most`, none nearer to one that stays than to the row.
  void choose(std::vector<candidate>& candidates, std::size_t most) const;
  bool is_diverse(const candidate& seen, std::span<const candidate> chosen) const;
  void link_back(int node, const candidate& to, int level);
  std::span<int> list(int node, int level);

  row_pages_ptr rows_;
  std::size_t count_;
  std::size_t linked_ = 0;
  kernels distances_;
  std::size_t ef_construction_;
  std::unique_ptr<faiss::IndexHNSW> index_;
  link_lists lists_;
  std::vector<plan_of_row> plans_;
  walk_scratch scratch_;
};

} // namespace lodge::index
