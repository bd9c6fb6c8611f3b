#pragma once

#include "actors/growth_rules.hpp"
#include "actors/interfaces.hpp"
#include "actors/kept_views.hpp"
#include "actors/owed_answer.hpp"
#include "actors/waiting_line.hpp"
#include "index/view_builder.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lodge {

/// What a holder is told at its birth.
struct holder_options {
  std::string path;
  std::uint64_t file_id = 0;
  storage::collection_row collection;
  database_options database;
};

/// **Operation**: cold until the first search, then LOADER reads the collection while LOG SYNC's news gather; from
/// then on each closing mark makes the next view. A search goes to a SEARCHER with the newest view, or waits for
/// one that holds what was committed before the search. A reader gets the view, with leases on it, and asks again
/// once one has ended.
/// **Limits**: `max_waiting_searches`; each waits until its deadline at most.
struct index_holder_state {
  explicit index_holder_state(holder_actor::pointer) {}
  static inline const char* name = "lodge.index_holder";
  using self_pointer = holder_actor::stateful_pointer<index_holder_state>;

  /// COMPACTOR, which waits for a view of `number`.
  struct view_waiter {
    std::uint64_t number = 0;
    owed_answer<index::view_ptr> asker;
  };

  enum class phase : std::uint8_t { cold, loading, live };

  void connect(self_pointer self, crew_ptr present);
  caf::result<search_reply> search(self_pointer self, deadline until, search_request& request);
  caf::result<search_reply> search_kept(self_pointer self, deadline until, search_request& request);
  void forget_old_views(self_pointer self);
  caf::result<leased_view> lend(self_pointer self, deadline until, const lease_request& request);
  void apply(self_pointer self, const log_news_ptr& news);
  void take(self_pointer self, const loaded_collection& rows);
  void take(self_pointer self, const loaded_graph& read);
  void take(self_pointer self, const grown_segments_ptr& grown);
  caf::result<index::view_ptr> view_of(self_pointer self, std::uint64_t number);
  void publish_if_idle(self_pointer self, std::uint64_t number);
  void loading_failed(self_pointer self, const load_failure& failure);
  holder_stats stats() const;
  void expire(self_pointer self);
  void close(const error& why);
  void fail_waiters(const error& why);

  holder_options options;
  crew_ptr neighbours;
  phase now = phase::cold;
  index::view_builder builder{metric::l2, {}};
  index::view_ptr view;
  /// Ends when there is another view.
  lease_ptr newest;
  /// The last number that WRITER told: searches that come now must see it.
  std::uint64_t required = 0;
  /// WRITER's lease on it.
  lease_watch complete;
  kept_views kept;
  /// Counts the loads; what comes of an earlier one is passed over.
  std::uint64_t load_number = 0;
  /// News and a base that came while the rows were being loaded.
  std::vector<log_news_ptr> early_news;
  grown_segments_ptr early_base;
  waiting_line waiters;
  std::vector<view_waiter> view_waiters;
  caf::actor_clock::time_point next_expiry = caf::actor_clock::time_point::max();
  std::size_t searches = 0;
  growth_rules rules;
  /// The last base of another process that was to be taken over.
  std::uint64_t taken_over = 0;
  /// Set once the collection was dropped: the answer to everything.
  error gone;

private:
  void keep(self_pointer self, index::view_ptr what);
  void load(self_pointer self);
  void attach(self_pointer self, std::uint64_t from, bool with_rows);
  void tell_builder(const storage::log_page& page);
  void refresh(self_pointer self);
  void cool();
  void serve_waiters(self_pointer self);
  result<std::uint64_t> number_for(const std::optional<position>& at_least) const;
  result<void> check_room() const;
  void wait(self_pointer self, std::uint64_t number, deadline until,
            std::variant<waiting_line::search, waiting_line::reader> who);
  const searcher_actor& next_searcher();
  leased_view leased() const;
  void set_expiry(self_pointer self, caf::actor_clock::time_point at);
  void verify_positions(self_pointer self);
  bool has_every_graph() const;
  void verify_view(self_pointer self);
  void fail_view_waiters();
  void ask_compactor(self_pointer self, growth_wish why);
  void ask_for_compaction(self_pointer self);
  void ask_for_growth(self_pointer self);
  void plan_idle_compaction(self_pointer self);
  void take_over_base(self_pointer self);
};

holder_actor::behavior_type index_holder(holder_actor::stateful_pointer<index_holder_state> self,
                                         holder_options options);

} // namespace lodge
