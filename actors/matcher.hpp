#pragma once

#include "actors/interfaces.hpp"
#include "actors/owed_answer.hpp"
#include "actors/short_turns.hpp"
#include "storage/filter_reading.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lodge {

struct matcher_state;
using matcher_self = short_turns<matcher_actor, matcher_state>;

/// **Operation**: keeps what filters were found to match, and brings it up to the number of the view that is to be
/// searched by reading the rows written since. One reading at a time, in slices by messages to itself; what is known
/// is answered in between.
/// **Limits**: the last 64 filters used; a bit for each label in use by each.
struct matcher_state {
  explicit matcher_state(matcher_actor::pointer) {}
  static inline const char* name = "lodge.matcher";

  caf::result<match_reply> match(matcher_self* self, const match_request& request);
  caf::result<std::uint64_t> count(matcher_self* self, collection_id id, const count_request& request);
  /// The next slice of the reading under way, or of the next one.
  void go_on(matcher_self* self);
  void fail_all(const error& why);

  std::uint64_t file_id = 0;
  std::unique_ptr<storage::filter_source> file;

private:
  /// A search that waits for the matches of a view.
  struct waiter {
    std::uint64_t number = 0;
    deadline until;
    owed_answer<match_reply> asker;
  };

  struct known_filter {
    storage::filter what;
    matches_ptr present;
    std::deque<waiter> waiting;
    /// When it was last asked for, counted in requests.
    std::uint64_t used = 0;
  };
  using filter_key = std::pair<collection_id, std::string>;

  struct counting {
    collection_id collection = 0;
    storage::filter what;
    std::optional<position> at_least;
    owed_answer<std::uint64_t> asker;
  };

  struct reading_under_way {
    std::variant<filter_key, counting> whose;
    std::unique_ptr<storage::filter_reading> rows;
    matches found;
    std::uint64_t counted = 0;
    std::string how;
  };

  void add(matcher_self* self, std::variant<filter_key, counting> what);
  result<reading_under_way> begin(std::variant<filter_key, counting>& whose);
  void fail(std::variant<filter_key, counting>& whose, const error& why);
  bool is_wanted(const std::variant<filter_key, counting>& whose) const;
  void finish(reading_under_way& done);
  void answer(const filter_key& key, known_filter& filter, const std::string& how);
  void expire(matcher_self* self);
  void forget_oldest();

  std::map<filter_key, known_filter> filters_;
  std::uint64_t requests_ = 0;
  /// What is to be read, in the order in which it was asked for.
  std::deque<std::variant<filter_key, counting>> to_do_;
  std::optional<reading_under_way> now_;
};

matcher_actor::behavior_type matcher(matcher_self* self, std::string path, std::uint64_t file_id);

} // namespace lodge
