#pragma once

#include "tests/support/exact_model.hpp"

#include <lodge/options.hpp>

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

/// The file that is damaged: made once through the facade, with a model of every state that it ever committed.
namespace lodge::test {

inline constexpr std::uint32_t dimension = 24;
inline const std::array<std::string, 2> collection_names{"first", "second"};
inline constexpr std::array<metric, 2> metrics{metric::l2, metric::cosine};

/// What both collections hold as of one commit.
struct contents {
  std::array<exact_model, 2> models{exact_model{metrics[0]}, exact_model{metrics[1]}};
  /// Keys that were there once.
  std::array<std::set<std::string>, 2> gone;

  void put(std::size_t collection, const item& what);
  void remove(std::size_t collection, const std::string& key);
};

/// One call, which is one commit.
struct step {
  std::size_t collection = 0;
  std::vector<item> puts = {};
  std::vector<std::string> removals = {};
  bool compact = false;
};

/// Declared fields and text fields of both.
inline const std::vector<std::string> declared_fields{"n", "tag"};
inline const std::vector<std::string> text_fields{"title"};
/// What titles are made of.
inline constexpr std::array words{"river", "lake", "sea", "forest", "mountain", "town", "island", "bridge"};

/// Of a closed file: two collections with bases, vectors and metadata, updates, removals, and changes after the bases.
std::vector<step> steps_before_closing();
/// Of the process that ends without closing, so that they are in the WAL alone.
std::vector<step> steps_in_wal();

void apply(const step& what, contents& to);

/// A vector of the space that the file's vectors lie in.
std::vector<float> some_vector(std::uint32_t seed);

/// The bytes of the files, and the states that they may give.
struct good_file {
  std::string closed;
  /// The same file with a WAL of later commits, left by a process that did not close.
  std::string main;
  std::string wal;
  /// States by their last change; the first is that of `closed`, the last that of `main` and `wal`.
  std::vector<std::pair<std::uint64_t, contents>> states;
};

/// Makes them in a directory, in child processes: this one is to fork, and has no threads.
good_file make_good_file(const std::string& directory);

} // namespace lodge::test
