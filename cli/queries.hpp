#pragma once

#include <lodge/database.hpp>

#include <functional>
#include <string>
#include <vector>

namespace lodge::cli {

struct query_options {
  /// Items whose vectors are queries.
  std::vector<std::string> keys;
  std::vector<std::string> keys_by_option;
  /// "1,0,0"
  std::string vector;
  /// A file of many.
  std::string path;
  std::string format;

  bool empty() const { return keys.empty() && keys_by_option.empty() && vector.empty() && path.empty(); }
};

struct query {
  /// What the answer is headed with: a key, or the number of the row from 0.
  std::string label;
  bool is_number = false;
  /// The label is the key of the item itself, which is no answer.
  bool itself = false;
  std::vector<float> vector = {};
  /// What an error is headed with.
  std::string place = {};
};

/// Reads what is asked for, and hands it on in batches; queries that cannot be made are refused one by one. An error
/// keeps all that follows from being read.
result<void> read_queries(const query_options& options, const collection& in,
                          const std::function<void(std::vector<query>&)>& take,
                          const std::function<void(const query&, const error&)>& refuse);

} // namespace lodge::cli
