#pragma once

#include "actors/interfaces.hpp"
#include "index/search.hpp"
#include "storage/reader.hpp"

#include <functional>
#include <memory>
#include <string>

namespace lodge {

/// **Operation**: one query after the other on the view that came with it; rows by short reads of the file.
struct searcher_state {
  explicit searcher_state(searcher_actor::pointer) {}
  static inline const char* name = "lodge.searcher";

  /// The reply, or nothing if rows that the view names were swept meanwhile.
  /// Asks before each query whether it is too late for more.
  result<std::optional<search_reply>> search(const index::view& view, const search_request& request,
                                             const std::function<bool()>& is_late);
  /// The same search in the holder's present view, for whoever asked.
  caf::result<search_reply> search_again(searcher_actor::pointer self, collection_id id, const holder_actor& holder,
                                         deadline until, search_request request);
  result<bool> add_metadata(const index::view& view, const std::vector<std::uint64_t>& labels, hits& found);

  std::unique_ptr<storage::reader> file;
  index::search_scratch scratch;
};

searcher_actor::behavior_type searcher(searcher_actor::stateful_pointer<searcher_state> self, std::string path);

} // namespace lodge
