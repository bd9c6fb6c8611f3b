#include "bench/convert.hpp"

#include "bench/fail.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <vector>

namespace lodge::bench {

namespace {

/// The entry of a word: its values, followed by others that are none.
std::vector<float> unit_vector(const nlohmann::json& entry, std::size_t dimension, const std::string& word) {
  if (!entry.is_array() || entry.size() < dimension)
    fail("the vector of '" + word + "' is no list of at least " + std::to_string(dimension) + " values");
  double squares = 0;
  for (std::size_t i = 0; i < dimension; ++i)
    squares += std::pow(entry[i].get<double>(), 2);
  if (squares == 0)
    fail("the vector of '" + word + "' is zero");
  std::vector<float> values;
  for (std::size_t i = 0; i < dimension; ++i)
    values.push_back(static_cast<float>(entry[i].get<double>() / std::sqrt(squares)));
  return values;
}

} // namespace

void convert_words(const std::string& json_file, const std::string& fvecs_file) {
  std::ifstream in{json_file};
  const auto read = nlohmann::json::parse(in, nullptr, false);
  if (!read.is_object() || !read.contains("dimensions") || !read.contains("words") || !read.contains("vectors"))
    fail(json_file + " is no JSON object with dimensions, words and vectors");
  const auto dimension = read["dimensions"].get<std::size_t>();
  std::ofstream out{fvecs_file, std::ios::binary};
  for (const auto& entry : read["words"]) {
    const auto word = entry.get<std::string>();
    const auto found = read["vectors"].find(word);
    if (found == read["vectors"].end())
      fail(json_file + ": the word '" + word + "' has no vector");
    const auto values = unit_vector(*found, dimension, word);
    const auto count = static_cast<std::int32_t>(dimension);
    out.write(reinterpret_cast<const char*>(&count), sizeof count);
    out.write(reinterpret_cast<const char*>(values.data()), count * std::streamsize{sizeof(float)});
  }
  if (!out.flush())
    fail(fvecs_file + " cannot be written");
}

} // namespace lodge::bench
