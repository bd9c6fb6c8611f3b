#pragma once

#include <lodge/types.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lodge {

/// Where actors run: as in production, or all on the scheduler, so that a test coordinator can order every step.
enum class run_mode : std::uint8_t { threads, scheduled };

/// When a collection is compacted by itself: once the changes since its base reach the larger of the first two.
struct auto_compaction {
  /// Changes (puts and removals). 0: never by itself.
  std::uint64_t changes = 1'000;
  /// Percent of the vectors in the base.
  std::uint64_t percent = 10;
  /// Vectors outside the graph, which each search compares with its query one by one, before the graph grows over
  /// them in memory. 0: it grows with each compaction only.
  std::uint64_t growth = 4'096;
  /// So long without a change, or closing, and 1,000 changes and 2 percent are enough. 0: they never are.
  std::chrono::milliseconds idle{5'000};
};

/// How far the loading of a collection, at its first search, has come.
struct loading_progress {
  std::string collection;
  /// Vectors that were read, and all that are to be. Searches are answered once both are the same.
  std::uint64_t vectors = 0;
  std::uint64_t of = 0;
};

/// How a database is opened. Nothing here is stored in the file.
struct database_options {
  /// Make the file if there is none.
  bool create = true;
  /// Only read: needs no right to write, and leaves nothing beside the file. Other processes' commits are seen as
  /// usual. Every change is answered `read_only`, and there is no compaction. Where the file's -shm is missing it can
  /// be read on a read-only mount only, else it is refused with `needs_recovery`.
  bool read_only = false;
  /// Open a file on NFS, CIFS, 9p, FUSE or the like. Safe only while one machine uses it, and where the file system
  /// keeps locks and shared memory as a local one does.
  bool allow_network_file_system = false;
  lodge::auto_compaction auto_compaction = {};
  /// Vectors in one graph; then another is begun. A compaction writes the last one only, a search goes through all.
  std::uint64_t largest_segment = 2'000'000;
  /// Called some times a second while a collection is loaded, on a thread of lodge's. It must not call the database.
  std::function<void(const loading_progress&)> on_loading = {};
  /// Writes that may wait for their commit; more are answered `overloaded`.
  std::uint64_t max_waiting_writes = 16'384;
  /// Bytes of vectors, keys and metadata that may wait for their commit; one call may carry half of it.
  std::uint64_t max_waiting_bytes = std::uint64_t{256} << 20;
  /// Searches that may wait for a view that is new enough; more are answered `overloaded`.
  std::uint64_t max_waiting_searches = 16'384;
  /// Searches that run at the same time. 0: one a core. Your own actor system needs `scheduler.max-threads` above it.
  unsigned searchers = 0;
  /// Threads that link vectors into a graph at the same time, while one is built. 0: one a core. They have a low
  /// priority, and end with the build.
  unsigned build_workers = 0;
  /// How often commits of other SQLite programs are looked for; lodge's processes wake each other at once. 0: neither,
  /// so that others' commits are seen only by calls with `at_least`.
  std::chrono::milliseconds poll_interval{250};
  /// The first pause before a failed part is started again, or a failed compaction tried again; doubles up to 100
  /// times.
  std::chrono::milliseconds restart_delay{50};
  lodge::run_mode run_mode = run_mode::threads;
};

/// What a collection is. Fixed at its creation; what is left out is taken from the file, or is the default.
struct collection_options {
  /// Values a vector, 1 to 65,536. Needed to create one.
  std::optional<std::uint32_t> dimension = {};
  /// Default: cosine.
  std::optional<lodge::metric> metric = {};
  /// Links a vector in the HNSW graph (2 M on the lowest level), 4 to 128. Default: 16.
  std::optional<std::uint32_t> m = {};
  /// Candidates kept while a vector is linked in, 8 to 4,096: more is slower to build and better to search. Default:
  /// 200.
  std::optional<std::uint32_t> ef_construction = {};
  /// How vectors lie in memory. Default: float32.
  std::optional<lodge::vector_form> vector_form = {};
  /// Paths of metadata that filters ask for often ("year", "author.name"); each gets an index. Up to 16. Default: none.
  std::optional<std::vector<std::string>> fields = {};
  /// Paths of metadata whose words `search_text` finds. Up to 16. Default: none.
  std::optional<std::vector<std::string>> text_fields = {};
};

/// A collection as it stands in the file.
struct collection_info {
  std::string name;
  std::uint32_t dimension = 0;
  lodge::metric metric = metric::cosine;
  std::uint32_t m = 16;
  std::uint32_t ef_construction = 200;
  std::uint64_t items = 0;
  std::uint64_t vectors = 0;
  lodge::vector_form vector_form = vector_form::float32;
  std::vector<std::string> fields = {};
  std::vector<std::string> text_fields = {};
};

/// How long a call may take, if nothing else is said.
inline constexpr std::chrono::milliseconds default_timeout{5'000};
/// For calls that may take as long as they need.
inline constexpr std::chrono::milliseconds no_timeout{std::chrono::hours{24 * 365}};

/// Options of one search.
struct search_options {
  /// Hits a query. 0 gives none; more than there are gives all.
  std::int64_t k = 10;
  /// Candidates that the graph search keeps; at least k is used. More finds more of the true neighbours, and costs
  /// time.
  std::uint32_t ef = 100;
  /// Compare with every vector, without the graph.
  bool exact = false;
  bool with_metadata = false;
  /// Answer as of this change or a later one, whichever process made it.
  std::optional<position> at_least = {};
  std::chrono::milliseconds timeout = default_timeout;
  /// Only items whose metadata matches this: `{"year": {"$gte": 1990}, "lang": "en"}`; empty for all.
  /// README.md, "Filters", has the operators.
  std::string filter = {};
  /// Only hits whose score is this or nearer, up to k of them.
  std::optional<float> radius = {};
  /// One query only: keep what is searched, so that `search_reply::next` can ask for further hits of the same state. It
  /// is kept for a minute after its last page, for the last 16 searches that asked so.
  bool paged = false;
  /// The hits after this mark, of the state that the first page was of; errc::page_expired if that is kept no more.
  std::optional<page_mark> after = {};
  /// Say in the reply how the search was done.
  bool explain = false;
};

/// How a hybrid search makes one list of two, by reciprocal rank fusion: a hit scores the sum of
/// 1 / (rank_constant + rank) over the lists that it is in, ranks counted from 1. Cormack, Clarke, Büttcher:
/// "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009.
struct fusion_options {
  /// The larger, the less the first places of a list stand out. 0 to 1,000,000; 60 is the paper's.
  std::uint32_t rank_constant = 60;
  /// Hits that are taken of each list, up to 1,000,000; at least k are. 0: 10 k, and at least 100.
  std::uint64_t depth = 0;
};

} // namespace lodge
