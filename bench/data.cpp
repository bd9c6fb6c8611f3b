#include "bench/data.hpp"

#include "bench/fail.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <random>

namespace lodge::bench {

namespace {

constexpr std::size_t full_queries = 1'000;
/// Of the full words, the most frequent.
constexpr std::size_t real_rows = 100'000;

void keep_first(matrix& of, std::size_t rows) {
  if (rows != 0 && rows < of.rows())
    of.values.resize(rows * of.dimension);
}

void append(matrix& to, std::span<const float> row) {
  to.dimension = row.size();
  to.values.insert(to.values.end(), row.begin(), row.end());
}

/// Words stand in the order of their frequency: the queries are taken evenly from all of it.
dataset hold_out(const std::string& name, const matrix& words) {
  dataset made{name, metric::cosine, {}, {}};
  made.rows.values.reserve(words.values.size());
  const auto every = std::max<std::size_t>(words.rows() / full_queries, 2);
  for (std::size_t i = 0; i < words.rows(); ++i)
    append(i % every == every - 1 && made.queries.rows() < full_queries ? made.queries : made.rows, words.row(i));
  return made;
}

} // namespace

matrix read_fvecs(const std::string& name) {
  std::ifstream in{name, std::ios::binary};
  if (!in)
    fail(name + " cannot be read");
  matrix read;
  for (std::int32_t count = 0; in.read(reinterpret_cast<char*>(&count), sizeof count);) {
    const auto where = name + ", row " + std::to_string(read.rows() + 1) + ": ";
    if (count < 1 || (read.dimension != 0 && read.dimension != static_cast<std::size_t>(count)))
      fail(where + "has " + std::to_string(count) + " values, expected " + std::to_string(read.dimension));
    read.dimension = static_cast<std::size_t>(count);
    const auto end = read.values.size();
    read.values.resize(end + read.dimension);
    if (!in.read(reinterpret_cast<char*>(read.values.data() + end), count * std::streamsize{sizeof(float)}))
      fail(where + "the file ends within the row");
  }
  if (read.rows() == 0)
    fail(name + " has no rows");
  return read;
}

dataset draw(const mixture& how) {
  std::mt19937_64 random{how.seed};
  std::normal_distribution<float> normal;
  std::uniform_int_distribution<std::size_t> any_centre{0, how.centres - 1};
  matrix centres{how.dimension, {}};
  centres.values.resize(how.centres * how.dimension);
  std::ranges::generate(centres.values, [&] { return normal(random); });
  const auto draw_rows = [&](std::size_t rows) {
    matrix drawn{how.dimension, {}};
    drawn.values.reserve(rows * how.dimension);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto centre = centres.row(any_centre(random));
      for (std::size_t j = 0; j < how.dimension; ++j)
        drawn.values.push_back((centre[j] + how.spread * normal(random)) / (1 + static_cast<float>(j) / 10));
    }
    return drawn;
  };
  // The queries first, so that they are the same for every number of rows.
  auto queries = draw_rows(how.queries);
  return {"mixture", metric::l2, draw_rows(how.rows), std::move(queries)};
}

namespace {

dataset load_words(const data_choice& choice) {
  if (choice.name == "words")
    return {"words", metric::cosine, read_fvecs(choice.shipped + "/words-10k.fvecs"),
            read_fvecs(choice.shipped + "/words-queries.fvecs")};
  auto words = read_fvecs(choice.full);
  if (choice.name == "real")
    keep_first(words, real_rows + full_queries);
  return hold_out(choice.name, words);
}

std::optional<mixture> mixture_named(const std::string& name) {
  mixture how;
  if (name == "mixture")
    return how;
  if (name == "million") {
    how.rows = 1'000'000;
    return how;
  }
  if (name == "wide") {
    how.dimension = 768;
    how.rows = 50'000;
    return how;
  }
  return std::nullopt;
}

} // namespace

dataset load_data(const data_choice& choice) {
  if (auto how = mixture_named(choice.name)) {
    how->rows = choice.rows == 0 ? how->rows : choice.rows;
    auto made = draw(*how);
    made.name = choice.name;
    return made;
  }
  auto made = load_words(choice);
  keep_first(made.rows, choice.rows);
  return made;
}

} // namespace lodge::bench
