#pragma once

#include <lodge/database.hpp>

#include <span>

namespace lodge::bench {

/// How the parts that are about lodge alone search it: one thread's searches of one collection. A failure ends the
/// program with a word.
class lodge_client {
public:
  explicit lodge_client(collection of) : of_(std::move(of)) {}

  hits search(std::span<const float> query, const search_options& options = {}) {
    return of_.search({query.begin(), query.end()}, options).or_exit();
  }

private:
  collection of_;
};

/// Has a collection loaded, which its first search does, and returns once all its vectors are in the graph.
void load_fully(const collection& of);

} // namespace lodge::bench
