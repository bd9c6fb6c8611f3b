#pragma once

#include <lodge/types.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lodge::test {

/// What a collection should hold and answer, written apart from the engine: a map and a loop in double precision.
class exact_model {
public:
  struct entry {
    std::optional<std::vector<float>> vector;
    std::string metadata;
  };

  explicit exact_model(lodge::metric metric) : metric_(metric) {}

  void put(const std::string& key, std::optional<std::vector<float>> vector, std::string metadata = {}) {
    entries_[key] = {std::move(vector), std::move(metadata)};
  }
  bool remove(const std::string& key) { return entries_.erase(key) > 0; }
  void clear() { entries_.clear(); }

  const std::map<std::string, entry>& entries() const { return entries_; }
  std::size_t vectors() const {
    return static_cast<std::size_t>(
      std::ranges::count_if(entries_, [](const auto& x) { return x.second.vector.has_value(); }));
  }

  /// The score of a stored vector, as `hit::score` defines it.
  double score(const std::vector<float>& query, const std::vector<float>& vector) const {
    double product = 0;
    double squares = 0;
    double query_length = 0;
    double vector_length = 0;
    for (std::size_t i = 0; i < query.size(); ++i) {
      const double a = query[i];
      const double b = vector[i];
      product += a * b;
      squares += (a - b) * (a - b);
      query_length += a * a;
      vector_length += b * b;
    }
    switch (metric_) {
    case metric::l2: return std::sqrt(squares);
    case metric::inner_product: return product;
    case metric::cosine: return product / std::sqrt(query_length * vector_length);
    }
    return 0;
  }

  /// Scores of the k nearest, nearest first.
  std::vector<std::pair<double, std::string>> nearest(const std::vector<float>& query, std::size_t k) const {
    std::vector<std::pair<double, std::string>> all;
    for (const auto& [key, what] : entries_)
      if (what.vector)
        all.emplace_back(score(query, *what.vector), key);
    std::ranges::sort(all, [&](const auto& a, const auto& b) {
      return metric_ == metric::l2 ? a < b : a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    all.resize(std::min(all.size(), k));
    return all;
  }

  /// Why the hits of an exact search are wrong; empty if they are right. Ties may come in any order.
  std::string mismatch(const std::vector<float>& query, std::size_t k, const hits& found) const {
    const auto expected = nearest(query, k);
    if (found.size() != expected.size())
      return "got " + std::to_string(found.size()) + " hits, expected " + std::to_string(expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto known = entries_.find(found[i].key);
      if (known == entries_.end() || !known->second.vector)
        return "hit " + std::to_string(i) + " is '" + found[i].key + "', which is not there";
      const auto right = score(query, *known->second.vector);
      const auto tolerance = 1e-4 * (1 + std::abs(right));
      if (std::abs(found[i].score - right) > tolerance || std::abs(expected[i].first - right) > tolerance)
        return "hit " + std::to_string(i) + " is '" + found[i].key + "' with " + std::to_string(found[i].score)
          + ", its score is " + std::to_string(right) + ", expected '" + expected[i].second + "' with "
          + std::to_string(expected[i].first);
    }
    return {};
  }

private:
  lodge::metric metric_;
  std::map<std::string, entry> entries_;
};

} // namespace lodge::test
