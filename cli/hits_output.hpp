#pragma once

#include "cli/queries.hpp"

#include <string>
#include <unordered_map>

namespace lodge::cli {

struct output_options {
  /// "table", "json" or "ivecs".
  std::string format = "table";
  /// For ivecs: the key file whose lines are the row numbers.
  std::string keys = {};
};

/// What a score is, and how it is to be read: "similarity", "larger is nearer".
struct score_meaning {
  std::string name;
  std::string order;
};
score_meaning meaning_of(metric value);
inline const score_meaning score_of_words{"bm25", "larger is better"};
inline const score_meaning score_of_both{"fused", "larger is better"};

/// Writes the hits of queries to standard output.
class hits_output {
public:
  static result<hits_output> open(const output_options& options, score_meaning scores, std::int64_t k);

  void write(const query& what, const hits& found);
  /// Keeps the place of a query without an answer, where places matter.
  void write_nothing(const query& what);

private:
  hits_output() = default;
  void write_table(const query& what, const hits& found);
  void write_json(const query& what, const hits& found);
  void write_row_numbers(const hits& found);
  std::int32_t row_number(const std::string& key);

  std::string format_;
  score_meaning scores_;
  std::int64_t k_ = 0;
  bool has_key_file_ = false;
  std::unordered_map<std::string, std::int32_t> rows_;
  bool headed_ = false;
  bool said_unknown_ = false;
};

} // namespace lodge::cli
