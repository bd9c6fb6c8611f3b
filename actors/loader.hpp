#pragma once

#include "actors/interfaces.hpp"
#include "actors/row_reading.hpp"
#include "storage/snapshot.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace lodge {

/// **Operation**: vectors first, of one read transaction, then the graphs; a base that cannot be used is passed over.
struct loader_state {
  explicit loader_state(loader_actor::pointer) {}
  static inline const char* name = "lodge.loader";

  /// A segment whose rows are being read, or whose graph is still to come.
  struct stored_segment {
    storage::segment_record record;
    std::vector<std::uint8_t> bytes;
  };

  /// The next slice: false when there is nothing left to do.
  result<bool> step(loader_actor::pointer self);

  result<void> open();
  result<void> read_base();
  result<void> read_living();
  result<void> add_reading(std::vector<std::uint64_t> labels);
  result<void> plan_rows_without_base(std::string why);
  result<void> take_deaths();
  result<void> give_rows(loader_actor::pointer self);
  result<void> give_graph(loader_actor::pointer self);

  std::string path;
  collection_id collection = 0;
  std::uint64_t load = 0;
  holder_actor holder;
  std::unique_ptr<storage::snapshot> file;
  std::shared_ptr<loaded_collection> loaded = std::make_shared<loaded_collection>();
  std::deque<stored_segment> segments;
  /// One reading a segment, then one of the rows after them.
  std::vector<std::unique_ptr<row_reading>> readings;
  std::size_t readings_done = 0;
  /// Labels of the living, ascending, until the rows are given.
  std::vector<std::uint64_t> living;
  bool rows_given = false;
};

/// @param load The holder's number for this load, which comes back with everything.
loader_actor::behavior_type loader(loader_actor::stateful_pointer<loader_state> self, std::string path,
                                   collection_id collection, std::uint64_t load, holder_actor holder);

} // namespace lodge
