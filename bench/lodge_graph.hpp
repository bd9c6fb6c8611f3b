#pragma once

#include "bench/data.hpp"
#include "index/graph.hpp"

#include <memory>
#include <string>

namespace lodge::bench {

/// The graph that lodge has published, and the rows that it links, in the same order, if they are float32.
struct lodge_graph {
  matrix rows;
  std::shared_ptr<const index::graph> graph;
};

/// Reads the only collection of a file, which has been compacted and not written to since.
lodge_graph read_lodge_graph(const std::string& file);

} // namespace lodge::bench
