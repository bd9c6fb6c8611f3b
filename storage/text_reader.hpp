#pragma once

#include <lodge/error.hpp>

#include "storage/rows.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodge::storage {

/// What is looked for in the text fields of a collection.
struct text_question {
  storage::collection_id collection = 0;
  /// As `to_match_expression` reads it.
  std::string query;
  /// The best of so many rows.
  std::size_t limit = 0;
  /// Of the rows that lived at this number; without one, of those that live now.
  std::optional<std::uint64_t> as_of = {};
  bool with_metadata = false;
  /// Of the rows whose labels it lets through; all if empty.
  std::function<bool(std::uint64_t)> allows = {};
};

/// A row that has words of the query.
struct text_match {
  std::uint64_t label = 0;
  /// BM25 as FTS5 has it, with its sign turned: larger is better. Rows that died and are not swept yet count among
  /// those that it weighs words by.
  double score = 0;
  std::string key;
  std::string metadata;
};

struct text_answer {
  /// The number as of which it is right.
  std::uint64_t number = 0;
  /// Best first; equal scores in the order of their labels.
  std::vector<text_match> matches;
};

/// Full text searches of one file, one after the other, each of one snapshot.
///
/// **Operation**: `begin`, then `step` until there is an answer. The connection is its own, so that other reads go on
/// in between: a search for words that many rows have takes long.
/// **Concurrency**: one user at a time.
/// **Limits**: how often a word occurs in all is counted in the first step, however often that is.
class text_reader {
public:
  static result<std::unique_ptr<text_reader>> open(const std::string& path);
  ~text_reader();

  /// @returns Whether all rows of the question's number are there; if not, some were swept, and nothing was begun.
  ///
  /// Fails with errc::invalid_argument, collection_dropped, corrupt, newer_format.
  result<bool> begin(const text_question& question);
  /// Goes on for some milliseconds. Fails with errc::corrupt if the index or the row of a match is damaged.
  result<std::optional<text_answer>> step();
  /// Ends the search that was begun, if any.
  void end();

private:
  class state;
  explicit text_reader(std::unique_ptr<state> opened);
  std::unique_ptr<state> state_;
};

} // namespace lodge::storage
