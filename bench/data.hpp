#pragma once

#include <lodge/types.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lodge::bench {

/// Vectors of one dimension, one after the other.
struct matrix {
  std::size_t dimension = 0;
  std::vector<float> values;

  std::size_t rows() const { return dimension == 0 ? 0 : values.size() / dimension; }
  std::span<const float> row(std::size_t i) const { return {values.data() + i * dimension, dimension}; }
};

/// Vectors to store, and others, held out, to search for.
struct dataset {
  std::string name;
  lodge::metric metric = metric::l2;
  matrix rows;
  matrix queries;
};

/// Which data, and where they are.
struct data_choice {
  /// "words", "mixture", "real", "full", "wide" or "million".
  std::string name = "words";
  /// At most so many rows. 0: all.
  std::size_t rows = 0;
  /// Folder with the words that ship.
  std::string shipped = "examples/data";
  /// The full words, as `lodge_bench convert` writes them.
  std::string full = "words-full.fvecs";
};

/// Vectors of length 1 under cosine, so that L2 orders them in the same way for all contestants.
/// A file that is missing or damaged ends the program with a word.
dataset load_data(const data_choice& choice);

/// One normal distribution after the other: `centres` of them, of which each row is drawn from one.
///
/// Value j is s_j (c_j + spread · g_j) with c (the row's centre) and g (its own) from N(0, 1), and s_j = 1 / (1 + j /
/// 10): a spectrum that falls off as that of embeddings does. Random numbers: std::mt19937_64 and libstdc++'s
/// std::normal_distribution.
struct mixture {
  std::size_t dimension = 100;
  std::size_t centres = 1'000;
  float spread = 1.0F;
  std::uint64_t seed = 20'240'601;
  std::size_t rows = 100'000;
  std::size_t queries = 1'000;
};
dataset draw(const mixture& how);

/// An .fvecs file: rows of an int32 count and so many float32, little-endian.
matrix read_fvecs(const std::string& name);

} // namespace lodge::bench
