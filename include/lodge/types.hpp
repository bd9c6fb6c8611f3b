#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lodge {

/// How far two vectors are from each other; `hit::score` says what each gives.
enum class metric : std::uint8_t {
  /// Euclidean distance: 0 is equal, smaller is nearer.
  l2,
  /// Inner product: larger is nearer. Not a distance: a vector need not be its own nearest.
  inner_product,
  /// Cosine similarity, -1 to 1: larger is nearer. Lengths do not matter; a zero vector is an error.
  cosine,
};

/// "l2", "inner_product" or "cosine".
inline std::string to_string(metric value) {
  switch (value) {
  case metric::l2: return "l2";
  case metric::inner_product: return "inner_product";
  case metric::cosine: return "cosine";
  }
  return "unknown";
}

inline std::optional<metric> metric_from_string(const std::string& name) {
  for (const auto value : {metric::l2, metric::inner_product, metric::cosine})
    if (to_string(value) == name)
      return value;
  return std::nullopt;
}

/// How a collection's vectors lie in memory. The file's rows keep what was given, and `get` gives that.
enum class vector_form : std::uint8_t {
  /// As given: 4 bytes a value.
  float32,
  /// Half precision: 2 bytes a value. Scores are of the rounded vectors, which are off by a 2,000th at most; values of
  /// more than 65,504 are refused, and those below 0.000,06 lose digits (neither concerns cosine much, whose vectors
  /// have the length 1).
  float16,
  /// A scale for each vector, and 1 byte a value. What may be among the nearest is compared again by the vectors in the
  /// file, so that scores and an exact search are those of float32; each search reads some rows of the file.
  int8,
};

/// "float32", "float16" or "int8".
inline std::string to_string(vector_form value) {
  switch (value) {
  case vector_form::float32: return "float32";
  case vector_form::float16: return "float16";
  case vector_form::int8: return "int8";
  }
  return "unknown";
}

inline std::optional<vector_form> vector_form_from_string(const std::string& name) {
  for (const auto value : {vector_form::float32, vector_form::float16, vector_form::int8})
    if (to_string(value) == name)
      return value;
  return std::nullopt;
}

/// A place in the history of one file. Every change has the next number of its file.
struct position {
  /// Random identity of the file, given at creation; a backup gets its own.
  std::uint64_t file = 0;
  /// Sequence number of the change, from 1.
  std::uint64_t number = 0;

  friend bool operator==(const position&, const position&) = default;
};

/// What a user stores under a key.
struct item {
  /// UTF-8, 1 to 1,024 bytes.
  std::string key;
  /// `dimension` float32 values, kept and given back bit for bit; absent for an item that is never a hit.
  std::optional<std::vector<float>> vector = {};
  /// JSON text, nested up to 200 deep; empty for none.
  std::string metadata = {};
};

/// An item as it is stored, with the position of the write that made it.
struct record : item {
  /// What `put_if` compares.
  position version;
};

/// A page of items in the order of their keys' bytes, read from one snapshot.
struct page {
  std::vector<record> records;
  /// Whether items follow the last one.
  bool more = false;
};

/// One answer of a search.
struct hit {
  std::string key;
  /// l2: the Euclidean distance, smaller is nearer. inner_product: the product, larger is nearer.
  /// cosine: the similarity from -1 to 1, larger is nearer.
  /// Of a search for text: BM25, larger is better; of a hybrid one: the sum of `fusion_options`, larger is better.
  float score = 0;
  /// JSON text if it was asked for and there is some, else empty.
  std::string metadata = {};

  friend bool operator==(const hit&, const hit&) = default;
};

/// The hits of one query, nearest first; equal distances come in the order of their writes.
using hits = std::vector<hit>;

/// Where a page of hits ended; given back as it came, it asks for the next one.
struct page_mark {
  /// The change as of which every page is right.
  position as_of;
  /// Of the last hit: what the index orders by.
  float distance = 0;
  std::uint64_t label = 0;
  /// Hits of this page and of those before it.
  std::uint64_t hits = 0;

  friend bool operator==(const page_mark&, const page_mark&) = default;
};

/// A page of hits, and where the next one begins; nothing if this was the last.
struct hit_page {
  hits results;
  std::optional<page_mark> next;
};

/// What a search did in one part of the index: a segment, or the rows that are in none.
struct part_explanation {
  /// Rows, dead ones included.
  std::uint64_t rows = 0;
  std::uint64_t living = 0;
  /// Queries for which the part's graph was searched, and the vectors that were compared then.
  std::uint64_t graph_searches = 0;
  std::uint64_t visited = 0;
  /// Queries for which the part was scanned, and the vectors that were compared then, each once for all queries.
  std::uint64_t scans = 0;
  std::uint64_t scanned = 0;

  friend bool operator==(const part_explanation&, const part_explanation&) = default;
};

/// How a search was done.
struct search_explanation {
  /// How the rows that match the filter were known: "kept" from a search before, "advanced" over the changes since
  /// then, "evaluated" anew; empty without a filter.
  std::string filter = {};
  /// Whether the index of a declared field was used for it.
  bool by_field_index = false;
  /// Rows that match, some dead ones included.
  std::uint64_t matching = 0;
  /// The segments, and last the rows that are in none.
  std::vector<part_explanation> parts = {};

  friend bool operator==(const search_explanation&, const search_explanation&) = default;
};

/// What one call of `search` answers.
struct search_reply {
  /// One entry a query, in the order of the queries.
  std::vector<hits> results;
  /// The change as of which all of them are right.
  position as_of;
  /// Where the next page begins, if pages were asked for and this was not the last.
  std::optional<page_mark> next = {};
  /// If it was asked for.
  std::optional<search_explanation> explanation = {};
};

/// What one call of `remove` did.
struct removal {
  /// How many of the keys were there.
  std::uint64_t removed = 0;
  /// The last change that it made; with none, the newest of the file.
  position at;
};

/// What a compaction left behind.
struct compaction_report {
  /// The published base covers every change up to this one.
  position covers;
  /// Vectors in the base.
  std::uint64_t vectors = 0;
  /// Whether a base was built; false where the one before covered every change.
  bool rebuilt = false;
};

/// Figures of one collection, at one moment each, not of one snapshot.
struct collection_stats {
  std::uint64_t dimension = 0;
  lodge::metric metric = metric::cosine;
  std::uint64_t items = 0;
  std::uint64_t vectors = 0;
  /// Rows of removed and replaced items that were not swept yet.
  std::uint64_t dead_rows = 0;
  /// The last change of the file, and the change as of which searches answer (0: not loaded yet).
  std::uint64_t last_number = 0;
  std::uint64_t view_number = 0;
  /// The published base: 0 when there is none.
  std::uint64_t base_version = 0;
  std::uint64_t base_vectors = 0;
  std::uint64_t base_bytes = 0;
  std::uint64_t base_covers = 0;
  /// Changes after the base, and entries that both logs hold.
  std::uint64_t changes_since_base = 0;
  std::uint64_t log_entries = 0;
  /// In memory: vectors that are searched through the graph, and by exact scan.
  std::uint64_t graph_vectors = 0;
  std::uint64_t scanned_vectors = 0;
  /// Sizes on disk, of the whole database.
  std::uint64_t file_bytes = 0;
  std::uint64_t wal_bytes = 0;
  /// Of the file: pages that hold nothing at present and are used by the next writes.
  std::uint64_t free_bytes = 0;
  /// "idle", "waiting", "growing" (in memory), "reading", "building 40 %", "writing", "sweeping".
  std::string compaction = "idle";
  std::uint64_t compactions = 0;
  /// The last failure of a compaction; empty after a success.
  std::string compaction_error = {};
};

} // namespace lodge
