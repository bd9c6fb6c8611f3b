#pragma once

#include <lodge/database.hpp>

#include <span>

namespace lodge::bench {

/// How the parts that are about lodge alone search it: one thread's searches of one collection, through a reader. A
/// failure ends the program with a word.
class lodge_client {
public:
  explicit lodge_client(const collection& of) : reader_(of.reader().or_exit()) {}

  hits search(std::span<const float> query, const search_options& options = {}) {
    return reader_.search(query, options).or_exit();
  }

private:
  reader reader_;
};

/// Has a collection loaded, which its first search does, and returns once all its vectors are in the graph.
void load_fully(const collection& of);

} // namespace lodge::bench
