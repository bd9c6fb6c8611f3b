#pragma once

#include "bench/data.hpp"

#include <lodge/database.hpp>

#include <vector>

namespace lodge::bench {

/// A collection whose content changes, and what it holds at present. Keys are numbers from 0; each put takes the next
/// vector of a pool.
///
/// **Concurrency**: one thread at a time.
class changing_rows {
public:
  /// Makes the collection.
  changing_rows(database& in, const dataset& pool);

  /// So many new keys, in batches of 1,000.
  void fill(std::size_t rows);
  /// The same, compacted and loaded with its graph: what is measured begins there.
  void begin_with(std::size_t rows);
  /// A put of a new key.
  void add() { put(vector_of_key_.size(), 1); }
  /// One put of vectors for `count` keys that are there.
  void replace(std::size_t first_key, std::size_t count = 1) { put(first_key, count); }

  collection& target() { return target_; }
  std::size_t size() const { return vector_of_key_.size(); }
  /// What it holds: row i is the vector of key i.
  dataset present() const;

private:
  void put(std::size_t first_key, std::size_t count);

  const dataset& pool_;
  collection target_;
  std::size_t next_vector_ = 0;
  std::vector<std::size_t> vector_of_key_;
};

/// The recall@k of a collection's searches for its pool's queries at an ef, by a scan of what it holds.
double recall_of(const changing_rows& held, const collection& searched, std::size_t k, std::uint32_t ef);

} // namespace lodge::bench
