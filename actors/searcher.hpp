#pragma once

#include "actors/interfaces.hpp"
#include "actors/search_job.hpp"
#include "index/search.hpp"
#include "storage/reader.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>

namespace lodge {

class searcher_self;

/// **Operation**: searches on the view that came with them; rows by short reads of the file. A search that takes longer
/// than a slice goes on by messages to itself, in turn with others, so that reads are answered in between.
struct searcher_state {
  explicit searcher_state(searcher_actor::pointer) {}
  static inline const char* name = "lodge.searcher";

  caf::result<search_reply> search(searcher_self* self, collection_id id, const index::view_ptr& view, deadline until,
                                   search_request& request, const holder_actor& holder);
  /// The next slice of the job whose turn it is.
  void go_on(searcher_self* self);
  /// A slice. Whether there are more to come; otherwise whoever asked was answered.
  bool work_on(searcher_self* self, search_job& job);
  /// The same search in the holder's present view, for whoever asked.
  void search_again(searcher_self* self, search_job& job);

  std::unique_ptr<storage::reader> file;
  index::search_scratch scratch;
  /// Searches under way. While there are any, one `next` is on its way to us.
  std::deque<std::unique_ptr<search_job>> jobs;
};

/// Gives its thread to other actors after each few messages: CAF goes on with one actor for as long as it has any, and
/// a long search always has.
class searcher_self : public searcher_actor::stateful_base<searcher_state> {
public:
  using stateful_actor::stateful_actor;

  resume_result resume(caf::execution_unit* thread, std::size_t most_messages) override {
    return searcher_actor::stateful_base<searcher_state>::resume(thread, std::min(most_messages, messages_a_turn));
  }

private:
  static constexpr std::size_t messages_a_turn = 2;
};

searcher_actor::behavior_type searcher(searcher_self* self, std::string path);

} // namespace lodge
