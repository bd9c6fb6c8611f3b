#pragma once

#include "actors/interfaces.hpp"
#include "actors/search_job.hpp"
#include "actors/short_turns.hpp"
#include "actors/text_line.hpp"
#include "index/search.hpp"
#include "storage/reader.hpp"

#include <deque>
#include <memory>
#include <string>

namespace lodge {

struct searcher_state;
using searcher_self = short_turns<searcher_actor, searcher_state>;

/// **Operation**: searches on the view that came with them; rows by short reads of the file; words by its index of
/// them, for a hybrid search before its view is searched. A search that takes longer than a slice goes on by messages
/// to itself, in turn with others, so that reads are answered in between.
struct searcher_state {
  explicit searcher_state(searcher_actor::pointer) {}
  static inline const char* name = "lodge.searcher";

  caf::result<search_reply> search(searcher_self* self, collection_id id, const index::view_ptr& view, deadline until,
                                   search_request& request, const holder_actor& holder);
  /// Those with the words of a query, as the file is now.
  caf::result<search_reply> search_text(searcher_self* self, collection_id id, deadline until, text_request& request);
  /// The next slice of the search for words, and of the job, whose turn it is.
  void go_on(searcher_self* self);
  /// A slice. Whether there are more to come; otherwise whoever asked was answered.
  bool work_on(searcher_self* self, search_job& job);
  /// The same search in the holder's present view, for whoever asked.
  void search_again(searcher_self* self, search_job& job);
  /// Answers every search that is under way so.
  void fail_all(const error& why);

  std::unique_ptr<storage::reader> file;
  matcher_actor matcher;
  index::search_scratch scratch;
  /// Searches under way. While there are any, one `next` is on its way to us.
  std::deque<std::unique_ptr<search_job>> jobs;
  std::unique_ptr<text_line> texts;
  bool goes_on = false;

private:
  /// Asks MATCHER first.
  void search_matching(searcher_self* self, std::unique_ptr<search_job> job);
  void search_matching(searcher_self* self, text_line::search words, const std::string& filter);
  /// Looks for the words of a hybrid search first.
  void begin_with_words(searcher_self* self, std::unique_ptr<search_job> job);
  void begin(searcher_self* self, std::unique_ptr<search_job> job);
  void begin(searcher_self* self, text_line::search search);
  void look_for_words(searcher_self* self);
  void take(searcher_self* self, text_line::finished words);
  void take(searcher_self* self, std::unique_ptr<search_job> job, text_line::finished& words);
  /// Has us go on, if there is anything to go on with.
  void schedule(searcher_self* self);
};

searcher_actor::behavior_type searcher(searcher_self* self, std::string path);

} // namespace lodge
