#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace lodge::test {

/// Seeded vectors in clusters, as real embeddings lie: a centre and a smaller step from it.
inline std::vector<std::vector<float>> clustered_vectors(std::size_t count, std::size_t dimension, std::uint32_t seed,
                                                         std::size_t clusters = 50) {
  std::mt19937 random{seed};
  std::normal_distribution<float> normal;
  const auto step = [&] {
    std::vector<float> made(dimension);
    for (auto& value : made)
      value = normal(random);
    return made;
  };
  std::vector<std::vector<float>> centres;
  for (std::size_t i = 0; i < clusters; ++i)
    centres.push_back(step());
  std::vector<std::vector<float>> vectors;
  for (std::size_t i = 0; i < count; ++i) {
    auto made = step();
    const auto& centre = centres[random() % clusters];
    for (std::size_t j = 0; j < dimension; ++j)
      made[j] = centre[j] + 0.3F * made[j];
    vectors.push_back(std::move(made));
  }
  return vectors;
}

/// Rows of a .fvecs or .ivecs file: an int32 count, then so many 4-byte values, little-endian.
template <class T>
std::vector<std::vector<T>> read_vecs(const std::string& name) {
  std::ifstream in{std::string{LODGE_TEST_DATA} + "/" + name, std::ios::binary};
  BOOST_REQUIRE_MESSAGE(in, "cannot read " << name);
  std::vector<std::vector<T>> rows;
  for (std::int32_t size = 0; in.read(reinterpret_cast<char*>(&size), sizeof size);) {
    std::vector<T> row(static_cast<std::size_t>(size));
    in.read(reinterpret_cast<char*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof(T)));
    rows.push_back(std::move(row));
  }
  return rows;
}

inline std::vector<std::string> read_words(const std::string& name) {
  std::ifstream in{std::string{LODGE_TEST_DATA} + "/" + name};
  BOOST_REQUIRE_MESSAGE(in, "cannot read " << name);
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word);)
    words.push_back(word);
  return words;
}

} // namespace lodge::test
