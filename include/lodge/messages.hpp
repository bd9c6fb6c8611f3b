#pragma once

#include <lodge/error.hpp>
#include <lodge/options.hpp>
#include <lodge/types.hpp>
#include <lodge/wire.hpp>

#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/type_id.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lodge {

// Requests of COLLECTION. Each carries how long it may take from its arrival.

/// Stores items, all or none. With `expected`: the one item, if the key's present version has that number
/// (0: if there is none), else errc::conflict.
struct put_request {
  std::vector<item> items;
  std::optional<std::uint64_t> expected = {};
  std::chrono::milliseconds timeout = default_timeout;
};

/// Gives an item other metadata. It keeps its vector, and gets a new version like any put.
struct metadata_request {
  std::string key;
  std::string metadata;
  std::chrono::milliseconds timeout = default_timeout;
};

/// Removes items, all or none; keys that are not there are passed over.
struct remove_request {
  std::vector<std::string> keys;
  std::chrono::milliseconds timeout = default_timeout;
};

/// Removes the items whose metadata matches a filter, all or none.
struct remove_matching_request {
  std::string filter;
  std::chrono::milliseconds timeout = default_timeout;
};

/// Counts the items whose metadata matches a filter.
struct count_request {
  std::string filter;
  std::optional<position> at_least = {};
};

struct get_request {
  std::string key;
  std::optional<position> at_least = {};
};

/// Items whose keys' bytes come after `after_key` ("" for the first page), 1 to 10,000.
struct scan_request {
  std::string after_key;
  std::uint64_t limit = 100;
  std::optional<position> at_least = {};
};

/// Searches for `count` queries at once, which lie in `queries` one after the other. With `text`: for one query, whose
/// neighbours are fused with the items that have words of the text.
struct search_request {
  std::vector<float> queries;
  std::uint64_t count = 1;
  search_options options = {};
  std::string text = {};
  fusion_options fusion = {};
};

/// Searches the text fields for the words of a query. Of the options `ef` and `exact` have no meaning here.
struct text_request {
  std::string query;
  search_options options = {};
};

// Requests of DATABASE.

/// The collection of this name, which is created if need be and `options` has a dimension.
struct open_request {
  std::string name;
  collection_options options = {};
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, position& x) {
  return f(caf::meta::type_name("lodge::position"), x.file, x.number);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, item& x) {
  wire::maybe<std::vector<float>> vector{x.vector};
  return f(caf::meta::type_name("lodge::item"), x.key, vector, x.metadata);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, record& x) {
  wire::maybe<std::vector<float>> vector{x.vector};
  return f(caf::meta::type_name("lodge::record"), x.key, vector, x.metadata, x.version);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, page& x) {
  return f(caf::meta::type_name("lodge::page"), x.records, x.more);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, hit& x) {
  wire::bits score{x.score};
  return f(caf::meta::type_name("lodge::hit"), x.key, score, x.metadata);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, page_mark& x) {
  wire::bits distance{x.distance};
  return f(caf::meta::type_name("lodge::page_mark"), x.as_of, distance, x.label, x.hits);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, part_explanation& x) {
  return f(caf::meta::type_name("lodge::part_explanation"), x.rows, x.living, x.graph_searches, x.visited, x.scans,
           x.scanned);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, search_explanation& x) {
  return f(caf::meta::type_name("lodge::search_explanation"), x.filter, x.by_field_index, x.matching, x.parts);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, search_reply& x) {
  wire::maybe<page_mark> next{x.next};
  wire::maybe<search_explanation> explanation{x.explanation};
  return f(caf::meta::type_name("lodge::search_reply"), x.results, x.as_of, next, explanation);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, removal& x) {
  return f(caf::meta::type_name("lodge::removal"), x.removed, x.at);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, compaction_report& x) {
  return f(caf::meta::type_name("lodge::compaction_report"), x.covers, x.vectors, x.rebuilt);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, collection_stats& x) {
  auto metric = wire::number(x.metric);
  return f(caf::meta::type_name("lodge::collection_stats"), x.dimension, metric, x.items, x.vectors, x.dead_rows,
           x.last_number, x.view_number, x.base_version, x.base_vectors, x.base_bytes, x.base_covers,
           x.changes_since_base, x.log_entries, x.graph_vectors, x.scanned_vectors, x.file_bytes, x.wal_bytes,
           x.free_bytes, x.compaction, x.compactions, x.compaction_error);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, collection_info& x) {
  auto metric = wire::number(x.metric);
  auto vector_form = wire::number(x.vector_form);
  return f(caf::meta::type_name("lodge::collection_info"), x.name, x.dimension, metric, x.m, x.ef_construction, x.items,
           x.vectors, vector_form, x.fields, x.text_fields);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, collection_options& x) {
  wire::maybe<std::uint32_t> dimension{x.dimension};
  wire::maybe<metric> metric_{x.metric};
  wire::maybe<std::uint32_t> m{x.m};
  wire::maybe<std::uint32_t> ef_construction{x.ef_construction};
  wire::maybe<vector_form> vector_form_{x.vector_form};
  wire::maybe<std::vector<std::string>> fields{x.fields};
  wire::maybe<std::vector<std::string>> text_fields{x.text_fields};
  return f(caf::meta::type_name("lodge::collection_options"), dimension, metric_, m, ef_construction, vector_form_,
           fields, text_fields);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, search_options& x) {
  wire::maybe<position> at_least{x.at_least};
  auto timeout = wire::milliseconds(x.timeout);
  wire::maybe<float> radius{x.radius};
  wire::maybe<page_mark> after{x.after};
  return f(caf::meta::type_name("lodge::search_options"), x.k, x.ef, x.exact, x.with_metadata, at_least, timeout,
           x.filter, radius, x.paged, after, x.explain);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, put_request& x) {
  wire::maybe<std::uint64_t> expected{x.expected};
  auto timeout = wire::milliseconds(x.timeout);
  return f(caf::meta::type_name("lodge::put_request"), x.items, expected, timeout);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, metadata_request& x) {
  auto timeout = wire::milliseconds(x.timeout);
  return f(caf::meta::type_name("lodge::metadata_request"), x.key, x.metadata, timeout);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, remove_request& x) {
  auto timeout = wire::milliseconds(x.timeout);
  return f(caf::meta::type_name("lodge::remove_request"), x.keys, timeout);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, remove_matching_request& x) {
  auto timeout = wire::milliseconds(x.timeout);
  return f(caf::meta::type_name("lodge::remove_matching_request"), x.filter, timeout);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, count_request& x) {
  wire::maybe<position> at_least{x.at_least};
  return f(caf::meta::type_name("lodge::count_request"), x.filter, at_least);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_request& x) {
  wire::maybe<position> at_least{x.at_least};
  return f(caf::meta::type_name("lodge::get_request"), x.key, at_least);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, scan_request& x) {
  wire::maybe<position> at_least{x.at_least};
  return f(caf::meta::type_name("lodge::scan_request"), x.after_key, x.limit, at_least);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, fusion_options& x) {
  return f(caf::meta::type_name("lodge::fusion_options"), x.rank_constant, x.depth);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, search_request& x) {
  wire::floats queries{x.queries};
  return f(caf::meta::type_name("lodge::search_request"), queries, x.count, x.options, x.text, x.fusion);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, text_request& x) {
  return f(caf::meta::type_name("lodge::text_request"), x.query, x.options);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, open_request& x) {
  return f(caf::meta::type_name("lodge::open_request"), x.name, x.options);
}

} // namespace lodge

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(lodge, caf::first_custom_type_id + 1300)
  CAF_ADD_TYPE_ID(lodge, (lodge::position))
  CAF_ADD_TYPE_ID(lodge, (lodge::item))
  CAF_ADD_TYPE_ID(lodge, (lodge::record))
  CAF_ADD_TYPE_ID(lodge, (lodge::page))
  CAF_ADD_TYPE_ID(lodge, (lodge::hit))
  CAF_ADD_TYPE_ID(lodge, (lodge::search_reply))
  CAF_ADD_TYPE_ID(lodge, (lodge::removal))
  CAF_ADD_TYPE_ID(lodge, (lodge::compaction_report))
  CAF_ADD_TYPE_ID(lodge, (lodge::collection_stats))
  CAF_ADD_TYPE_ID(lodge, (lodge::collection_info))
  CAF_ADD_TYPE_ID(lodge, (std::vector<lodge::collection_info>))
  CAF_ADD_TYPE_ID(lodge, (lodge::put_request))
  CAF_ADD_TYPE_ID(lodge, (lodge::metadata_request))
  CAF_ADD_TYPE_ID(lodge, (lodge::remove_request))
  CAF_ADD_TYPE_ID(lodge, (lodge::get_request))
  CAF_ADD_TYPE_ID(lodge, (lodge::scan_request))
  CAF_ADD_TYPE_ID(lodge, (lodge::search_request))
  CAF_ADD_TYPE_ID(lodge, (lodge::open_request))
  CAF_ADD_TYPE_ID(lodge, (lodge::page_mark))
  CAF_ADD_TYPE_ID(lodge, (lodge::part_explanation))
  CAF_ADD_TYPE_ID(lodge, (lodge::search_explanation))
  CAF_ADD_TYPE_ID(lodge, (lodge::remove_matching_request))
  CAF_ADD_TYPE_ID(lodge, (lodge::count_request))
  // The text is the identity of an atom in CAF 0.17, at most ten characters.
  CAF_ADD_ATOM(lodge, lodge, put_atom, "lodge_put")
  CAF_ADD_ATOM(lodge, lodge, metadata_atom, "lodge_meta")
  CAF_ADD_ATOM(lodge, lodge, remove_atom, "lodge_rm")
  CAF_ADD_ATOM(lodge, lodge, get_atom, "lodge_get")
  CAF_ADD_ATOM(lodge, lodge, contains_atom, "lodge_has")
  CAF_ADD_ATOM(lodge, lodge, scan_atom, "lodge_scan")
  CAF_ADD_ATOM(lodge, lodge, search_atom, "lodge_find")
  CAF_ADD_ATOM(lodge, lodge, size_atom, "lodge_size")
  CAF_ADD_ATOM(lodge, lodge, count_atom, "lodge_cnt")
  CAF_ADD_ATOM(lodge, lodge, info_atom, "lodge_info")
  CAF_ADD_ATOM(lodge, lodge, stats_atom, "lodge_stat")
  CAF_ADD_ATOM(lodge, lodge, compact_atom, "lodge_pack")
  CAF_ADD_ATOM(lodge, lodge, rebuild_atom, "lodge_rebu")
  CAF_ADD_ATOM(lodge, lodge, open_atom, "lodge_open")
  CAF_ADD_ATOM(lodge, lodge, list_atom, "lodge_list")
  CAF_ADD_ATOM(lodge, lodge, drop_atom, "lodge_drop")
  CAF_ADD_ATOM(lodge, lodge, backup_atom, "lodge_back")
  CAF_ADD_ATOM(lodge, lodge, close_atom, "lodge_end")
  CAF_ADD_TYPE_ID(lodge, (lodge::text_request))
  CAF_ADD_ATOM(lodge, lodge, text_atom, "lodge_text")
CAF_END_TYPE_ID_BLOCK(lodge)
// clang-format on

CAF_ERROR_CODE_ENUM(lodge::errc, "lodge")

namespace lodge {

/// Tells a host's configuration of lodge's messages and errors. To be called before its actor system is made;
/// calling it again does nothing.
void register_types(caf::actor_system_config& config);

/// An error as lodge's actors send it: the code, and the detail as context.
caf::error to_caf(const error& failure);

/// The error that an actor answered, CAF's own included (a dead receiver, a request's timeout).
error from_caf(const caf::error& failure);

} // namespace lodge
