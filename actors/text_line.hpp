#pragma once

#include "actors/messages.hpp"
#include "actors/owed_answer.hpp"
#include "actors/search_job.hpp"
#include "storage/text_reader.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lodge {

/// The searches for words that a SEARCHER is to do, one after the other: they share a connection, which keeps its
/// snapshot from one slice of a search to the next.
///
/// **Operation**: `add`, then `step` until it is empty.
class text_line {
public:
  using time_point = caf::actor_clock::time_point;

  struct search {
    storage::text_question question;
    deadline until;
    /// Whoever asked for the words alone; or a hybrid search, which goes on with what is found.
    std::variant<owed_answer<search_reply>, std::unique_ptr<search_job>> who;
  };
  /// How a search went. None: rows of the question's number were swept.
  struct finished {
    search what;
    result<std::optional<storage::text_answer>> outcome;
  };

  explicit text_line(std::string path) : path_(std::move(path)) {}

  void add(search what) { waiting_.push_back(std::move(what)); }
  bool empty() const { return waiting_.empty(); }
  /// A slice of the first one. @returns Those that are done with, or whose time is over.
  std::vector<finished> step(time_point now);
  /// All that are left.
  std::deque<search> take_all() { return std::exchange(waiting_, {}); }

private:
  void take_late(time_point now, std::vector<finished>& to);
  void finish_first(result<std::optional<storage::text_answer>> outcome, std::vector<finished>& to);
  result<void> open();

  std::string path_;
  std::unique_ptr<storage::text_reader> file_;
  std::deque<search> waiting_;
  bool has_begun_ = false;
};

} // namespace lodge
