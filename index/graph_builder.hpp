#pragma once

#include "index/graph.hpp"
#include "index/graph_walk.hpp"
#include "index/kernels.hpp"
#include "index/row_pages.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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

/// A piece of a phase: from the first to before the end.
struct build_piece {
  std::size_t first = 0;
  std::size_t end = 0;
};

/// Builds a graph, or lets one grow, a few rows at a time, so that its caller can be stopped in between.
///
/// **Operation**: rows are linked in batches, each in two phases. The first plans: it chooses the links of each row in
/// the graph as it is before the batch, and among the rows before it in the batch. The second writes what was planned
/// into the lists of all nodes. Each phase is cut into pieces, of rows or of nodes. A row's highest level depends on
/// its place alone. So the same rows and options give the same graph, however the work is cut and whoever does it.
/// Algorithms 1 and 4 of Malkov and Yashunin (2016).
/// **Concurrency**: pieces of one phase may be worked on at the same time, each with a scratch of its own; all else is
/// for one thread, while no piece is being worked on.
class graph_builder {
public:
  /// @param rows What is to be linked; kept alive.
  /// @param from The graph over the first of these rows, with the same `m`, which is copied; null to begin anew.
  graph_builder(row_pages_ptr rows, const kernels& distances, graph_options options, const graph* from = nullptr);
  ~graph_builder();

  /// Plans and links up to 64 further rows; of a larger batch, so many are planned or linked.
  result<void> step();

  /// Rows of the batch that is being planned or linked; 0 when done.
  std::size_t batch() const;
  /// Cuts a piece off what is left of the present phase; none is left when all is given out.
  /// @param rows How many rows of the batch the piece is to cost.
  std::optional<build_piece> next_piece(std::size_t rows);
  /// Plans the rows, or writes the lists of the nodes.
  result<void> work(const build_piece& piece, walk_scratch& scratch);
  /// Once all pieces of the phase are done: begins the next.
  void end_phase();

  bool done() const { return linked_ == count_; }
  std::size_t linked() const { return linked_; }

  /// The graph, once done. The builder is empty then.
  std::shared_ptr<const graph> take();

private:
  /// The nodes that one row will name, nearest first, for each of its levels from 0 up.
  using plan_of_row = std::vector<std::vector<candidate>>;

  /// In the present phase: rows of the batch, or nodes.
  std::size_t phase_size() const;
  int level(std::size_t row) const;
  void end_batch();
  void plan(std::size_t row, plan_of_row& planned, walk_scratch& scratch) const;
  void add_batch_mates(std::size_t row, const void* query, int level, std::vector<candidate>& candidates) const;
  /// Leaves of what is sorted by its distance at most `most`, none nearer to one that stays than to the row.
  void choose(std::vector<candidate>& candidates, std::size_t most, walk_scratch& scratch) const;
  bool is_diverse(const candidate& seen, std::span<const candidate> chosen, walk_scratch& scratch) const;
  void link(const build_piece& nodes, walk_scratch& scratch);
  void link_back(int node, const candidate& to, int level, walk_scratch& scratch);
  /// A row as a query, which may be written to the buffer.
  const void* query_of(std::size_t row, std::vector<std::byte>& buffer) const;
  std::span<int> list(int node, int level);

  row_pages_ptr rows_;
  std::size_t count_;
  std::size_t linked_ = 0;
  kernels distances_;
  std::size_t ef_construction_;
  std::unique_ptr<faiss::IndexHNSW> index_;
  link_lists lists_;
  /// Of the present batch, a place for each row of the largest.
  std::vector<plan_of_row> plans_;
  bool is_linking_ = false;
  /// What was given out of the present phase.
  std::size_t given_out_ = 0;
  walk_scratch scratch_;
};

} // namespace lodge::index
