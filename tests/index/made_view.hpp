#pragma once

#include "index/graph_builder.hpp"
#include "index/refinement.hpp"
#include "index/search.hpp"

#include "tests/index/rows.hpp"
#include "tests/support/exact_model.hpp"
#include "tests/support/files.hpp"
#include "tests/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lodge::test {

using namespace lodge::index;

using vectors = std::vector<std::vector<float>>;

inline constexpr metric metrics[] = {metric::l2, metric::inner_product, metric::cosine};

/// How many rows go into which segments and deltas.
struct cut {
  std::vector<std::size_t> segments;
  std::vector<std::size_t> deltas;
  bool with_graphs = false;
};

/// A view made by hand, and what it should answer. The row at a place has the label place + 1.
struct made_view {
  view seen;
  exact_model model;
  search_scratch scratch;
  vectors given;

  made_view(metric by, const vectors& rows, const cut& where, vector_form form = vector_form::float32)
    : model(by), given(rows) {
    seen.metric = by;
    seen.dimension = rows.front().size();
    seen.form = form;
    seen.living = rows.size();
    std::size_t first = 0;
    for (const auto count : where.segments) {
      auto block = block_of(rows, first, count);
      segment made{first + 1, pages_of(block), nullptr};
      if (where.with_graphs)
        made.graph = build(made.rows);
      seen.segments.push_back({std::move(made), count});
      first += count;
    }
    for (const auto count : where.deltas) {
      // The block's first row is not in the range, nor is the last.
      seen.delta.push_back({block_of(rows, first, count), 1, count - 2});
      for (const auto outside : {first, first + count - 1})
        model.remove("key" + std::to_string(outside + 1));
      seen.living -= 2;
      first += count;
    }
    BOOST_REQUIRE(first == rows.size());
  }

  row_block_ptr block_of(const vectors& rows, std::size_t first, std::size_t count) {
    auto block = std::make_shared<row_block>(seen.layout(), count);
    vector_writer writer{seen.metric, seen.form};
    for (auto row = first; row < first + count; ++row) {
      const auto key = "key" + std::to_string(row + 1);
      writer.write_row(rows[row].data(), seen.dimension, block->next_vector().data());
      block->append_filled(row + 1, key);
      model.put(key, rows[row]);
    }
    return block;
  }

  std::shared_ptr<const graph> build(const row_pages_ptr& rows) const {
    graph_builder builder{rows, kernels_for(seen.metric, seen.form), {}};
    while (!builder.done())
      must_do(builder.step());
    return builder.take();
  }

  void bury(std::uint64_t label) {
    if (!model.remove("key" + std::to_string(label)))
      return;
    seen.dead.insert(label);
    --seen.living;
    for (auto& part : seen.segments) {
      if (part.rows.rows->contains(label))
        --part.living;
    }
  }

  std::vector<neighbour> find(const std::vector<float>& query, std::size_t k, bool exact = true) {
    return find(query, search_parameters{k, 100, exact});
  }

  std::vector<neighbour> find(const std::vector<float>& query, const search_parameters& parameters) {
    auto found = search(seen, query, parameters, scratch);
    if (!seen.layout().is_rough())
      return found;
    refinement refining{seen, query, parameters, std::move(found)};
    for (looked_at = 0; const auto label = refining.wanted(); ++looked_at)
      refining.tell(given[*label - 1].data());
    return refining.take();
  }
  /// Vectors that the last search among rough ones looked at.
  std::size_t looked_at = 0;

  /// Why the hits differ from brute force; empty if they do not.
  std::string mismatch(const std::vector<float>& query, std::size_t k, bool exact = true) {
    hits found;
    for (const auto& one : find(query, k, exact))
      found.push_back({std::string{one.key}, score_of(seen.metric, one.distance)});
    return model.mismatch(query, k, found);
  }
};

inline std::vector<std::uint64_t> labels_of(const std::vector<neighbour>& found) {
  std::vector<std::uint64_t> made;
  for (const auto& one : found)
    made.push_back(one.label);
  return made;
}

} // namespace lodge::test
