#pragma once

#include <lodge/error.hpp>
#include <lodge/options.hpp>
#include <lodge/reader.hpp>
#include <lodge/types.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// The blocking way to use lodge, without a word of actors. Failures are results; nothing throws them.
namespace lodge {

class engine;

/// One collection of an open database.
///
/// **Concurrency**: a value; copies and calls from any thread at the same time. Every call but `compact` and `rebuild`
/// ends within its timeout. A call on a closed database gives errc::closed, on a dropped collection
/// errc::collection_dropped. Not to be called from within an actor.
class collection {
public:
  /// Stores an item under its key, in place of what was there. Durable when it returns.
  ///
  /// Errors: invalid_key, invalid_metadata, dimension_mismatch, invalid_vector: nothing was done. overloaded,
  /// too_large, deadline_exceeded, disk_full, busy: nothing was done, try again. outcome_unknown: it may be done.
  result<position> put(item what, std::chrono::milliseconds timeout = default_timeout);
  result<position> put(std::string key, std::vector<float> vector, std::string metadata = {});
  /// All or none; a search sees all or none.
  result<position> put(std::vector<item> items, std::chrono::milliseconds timeout = default_timeout);
  /// Stores the item if the key's present version is the one expected (`record::version`; nothing for "no such
  /// key"), else errc::conflict.
  result<position> put_if(item what, std::optional<position> expected,
                          std::chrono::milliseconds timeout = default_timeout);
  /// Gives an item other metadata; its vector stays. errc::key_not_found without the item.
  result<position> update_metadata(std::string key, std::string metadata,
                                   std::chrono::milliseconds timeout = default_timeout);
  /// Removes items, all or none. Keys that are not there are no error.
  result<removal> remove(std::string key, std::chrono::milliseconds timeout = default_timeout);
  result<removal> remove(std::vector<std::string> keys, std::chrono::milliseconds timeout = default_timeout);
  /// For `remove({"red", "green"})`, which would be a string of two pointers.
  result<removal> remove(std::initializer_list<std::string> keys, std::chrono::milliseconds timeout = default_timeout) {
    return remove(std::vector<std::string>{keys}, timeout);
  }

  /// Removes the items whose metadata matches a filter (`search_options::filter`), all or none. errc::invalid_filter.
  result<removal> remove_matching(std::string filter, std::chrono::milliseconds timeout = default_timeout);

  /// errc::key_not_found without the item.
  result<record> get(std::string key, std::optional<position> at_least = {}) const;
  result<bool> contains(std::string key, std::optional<position> at_least = {}) const;
  /// The items whose keys' bytes come after `after_key`, up to `limit` (1 to 10,000), of one snapshot.
  result<page> scan(std::string after_key = {}, std::uint64_t limit = 100, std::optional<position> at_least = {}) const;
  /// Items that live.
  result<std::uint64_t> size() const;
  /// Items whose metadata matches a filter. errc::invalid_filter.
  result<std::uint64_t> count(std::string filter, std::optional<position> at_least = {}) const;

  /// The k nearest neighbours of a query of `dimension` values, nearest first: min(k, vectors) of them; with a filter
  /// min(k, vectors of items that match).
  ///
  /// @note Sees every write that was acknowledged by this open database before the call.
  result<hits> search(std::vector<float> query, search_options options = {}) const;
  /// The same for many queries, all as of one change.
  result<search_reply> search(std::span<const std::vector<float>> queries, search_options options = {}) const;
  /// The vectors whose score is `radius` or nearer (l2: at most that distance; else: at least that score), nearest
  /// first, up to `limit`. Without `exact` some may be missed, as in any search.
  result<hits> search_within(std::vector<float> query, float radius, std::int64_t limit = 1'000,
                             search_options options = {}) const;
  /// The first `options.k` hits, or those after a page; all pages are of the state that the first one saw, so no hit
  /// comes twice, and with `exact` none is left out. errc::page_expired: see `search_options::paged`.
  result<hit_page> search_page(std::vector<float> query, search_options options = {},
                               std::optional<page_mark> after = {}) const;
  /// The items with words of the query in the collection's text fields, best first by BM25.
  ///
  /// Any of the words will do; rare ones, and more of them, weigh more. `"new york"` is a phrase, `mus*` the beginning
  /// of a word; case and accents do not matter, and no other character has a meaning. Items without a vector are found
  /// too, and nothing is loaded. BM25 counts replaced and removed items until they are swept. Robertson, Zaragoza: "The
  /// Probabilistic Relevance Framework: BM25 and Beyond", 2009, with SQLite FTS5's constants.
  ///
  /// @param options `ef` and `exact` have no meaning here; a radius and pages are refused.
  /// Errors: invalid_argument without text fields, without a word in the query, with more than 1,000 words or 65,536
  /// bytes; corrupt where the index of the words is seen to be damaged (it has no checksums; `check` compares it).
  result<hits> search_text(std::string query, search_options options = {}) const;
  /// The neighbours of a vector and the items with words of a text, both as of one change, as one list.
  ///
  /// Errors: those of both searches.
  result<hits> search_hybrid(std::vector<float> query, std::string text, search_options options = {},
                             fusion_options fusion = {}) const;
  /// For a thread that searches a lot: its searches run there, without a message while nothing changes.
  result<lodge::reader> reader() const;

  result<collection_info> info() const;
  result<collection_stats> stats() const;
  /// Builds and publishes a base that covers every write acknowledged before the call, gives free space back, and
  /// returns when that is done or has failed.
  ///
  /// @param progress Called on this thread, some times a second, with the present stats.
  result<compaction_report> compact(const std::function<void(const collection_stats&)>& progress = {});
  /// The same, and builds the whole base anew from the living. A compaction keeps the dead of a graph until they are
  /// 30 % of it; this gives all their space back now, and takes as long as building it did.
  result<compaction_report> rebuild(const std::function<void(const collection_stats&)>& progress = {});

private:
  friend class database;
  friend class reader;
  class handle;
  void show_stats(const std::function<void(const collection_stats&)>& to) const;
  explicit collection(std::shared_ptr<handle> opened);
  std::shared_ptr<handle> handle_;
};

/// One open file.
///
/// **Concurrency**: calls from any thread at the same time. The last copy of a handle that goes away closes the file.
/// In a child made by fork() every call gives errc::forked, and nothing is closed; the parent goes on.
class database {
public:
  /// Opens a file, and makes it if there is none and the options say so.
  ///
  /// Errors: file_not_found, permission_denied, not_a_database, foreign_file, newer_format, corrupt, disk_full, busy,
  /// network_file_system, forked (the process that this one was forked from had the file open); for reading only also
  /// needs_recovery. A file that is refused is not written to.
  static result<database> open(const std::string& path, const database_options& options = {});

  /// The collection of a name; made if there is none and the options have a dimension.
  ///
  /// Errors: invalid_name, collection_not_found, invalid_argument, options_mismatch (names both sides).
  result<lodge::collection> collection(const std::string& name, const collection_options& options = {});
  result<std::vector<collection_info>> collections() const;
  /// errc::collection_not_found without one.
  result<position> drop_collection(const std::string& name);
  /// A copy as of now at a path where nothing is; a file of its own. errc::file_exists, disk_full, permission_denied.
  result<position> backup(const std::string& path) const;
  /// Commits what was accepted, publishes what has grown (2 s at most), closes the file. Then calls give errc::closed.
  result<void> close();

private:
  explicit database(std::shared_ptr<engine> opened);
  std::shared_ptr<engine> engine_;
};

} // namespace lodge
