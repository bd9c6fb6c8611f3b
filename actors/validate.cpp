#include "actors/validate.hpp"

#include "actors/json_depth.hpp"
#include "storage/filter.hpp"
#include "storage/metadata_path.hpp"
#include "storage/text_query.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace lodge {

namespace {

constexpr double longest_vector = 1e18;

/// Well-formed UTF-8 as in RFC 3629: shortest forms only, no surrogates, up to U+10FFFF.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(at < text.size() ? text[at] : 0); };
    const auto first = byte(i);
    const std::size_t more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : (first & 0xf0) == 0xe0 ? 2 : 3;
    if (more == 3 && (first < 0xf0 || first > 0xf4))
      return false;
    for (std::size_t j = 1; j <= more; ++j)
      if ((byte(i + j) & 0xc0) != 0x80)
        return false;
    const auto second = byte(i + 1);
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90)
        || (first == 0xf4 && second > 0x8f))
      return false;
    i += more + 1;
  }
  return true;
}

result<void> check_text(errc code, std::string_view what, std::string_view text, std::size_t longest) {
  if (text.empty() || text.size() > longest)
    return error{code,
                 "a " + std::string{what} + " has 1 to " + std::to_string(longest) + " bytes, got "
                   + std::to_string(text.size())};
  if (!is_utf8(text))
    return error{code, "a " + std::string{what} + " is UTF-8 text, got other bytes"};
  if (text.find('\0') != std::string_view::npos)
    return error{code, "a " + std::string{what} + " has no zero byte, got one"};
  return {};
}

/// Names the item of a batch that an error is about.
result<void> in_item(std::size_t place, std::size_t count, result<void> checked) {
  if (checked || count == 1)
    return checked;
  return error{checked.error().code,
               "item " + std::to_string(place) + " of " + std::to_string(count)
                 + ", counted from 0: " + checked.error().detail};
}

/// Whether values have their place in the collection's form; those of length 1 have in all.
result<void> check_fits(const collection_info& collection, std::span<const float> vector) {
  constexpr float largest_float16 = 65'504;
  if (collection.vector_form != vector_form::float16 || collection.metric == metric::cosine)
    return {};
  for (std::size_t i = 0; i < vector.size(); ++i)
    if (std::abs(vector[i]) > largest_float16)
      return error{errc::invalid_vector,
                   "value " + std::to_string(i) + " is " + std::to_string(vector[i])
                     + ", a collection of float16 vectors holds values up to 65504"};
  return {};
}

result<void> check_item(const collection_info& collection, const item& what) {
  if (auto key = check_key(what.key); !key)
    return key;
  if (auto metadata = check_metadata(what.metadata); !metadata)
    return metadata;
  if (!what.vector)
    return {};
  if (auto vector = check_vector(collection, *what.vector); !vector)
    return vector;
  return check_fits(collection, *what.vector);
}

template <class T>
result<void> check_option(std::string_view name, const std::optional<T>& asked, T present, std::string asked_text,
                          std::string present_text) {
  if (!asked || *asked == present)
    return {};
  return error{errc::options_mismatch,
               std::string{name} + " " + asked_text + " was asked for, the collection has " + present_text};
}

result<void> check_range(std::string_view name, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
  if (value >= least && value <= most)
    return {};
  return error{errc::invalid_argument,
               std::string{name} + " is " + std::to_string(least) + " to " + std::to_string(most) + ", got "
                 + std::to_string(value)};
}

/// Paths of metadata that a collection declares: a few, each once.
result<void> check_paths(std::string_view name, const std::vector<std::string>& paths) {
  constexpr std::size_t most = 16;
  if (paths.size() > most)
    return error{errc::invalid_argument,
                 std::string{name} + " has up to " + std::to_string(most) + " paths, got "
                   + std::to_string(paths.size())};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (auto path = storage::check_path(paths[i]); !path)
      return error{errc::invalid_argument, std::string{name} + ": " + path.error().detail};
    if (std::find(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(i), paths[i])
        != paths.begin() + static_cast<std::ptrdiff_t>(i))
      return error{errc::invalid_argument, std::string{name} + " has '" + paths[i] + "' twice"};
  }
  return {};
}

result<void> check_filter(const std::string& filter) {
  if (filter.empty())
    return {};
  if (auto parsed = storage::filter::parse(filter); !parsed)
    return parsed.error();
  return {};
}

result<void> check_radius(metric by, const std::optional<float>& radius) {
  if (!radius || (std::isfinite(*radius) && (by != metric::l2 || *radius >= 0)))
    return {};
  return error{errc::invalid_argument,
               std::string{by == metric::l2 ? "a radius under l2 is 0 or more" : "a radius is finite"} + ", got "
                 + std::to_string(*radius)};
}

result<void> check_page(std::uint64_t count, const search_options& options) {
  if ((options.paged || options.after) && count != 1)
    return error{errc::invalid_argument, "pages are of one query, got " + std::to_string(count)};
  if (options.after && !std::isfinite(options.after->distance))
    return error{errc::invalid_argument, "the mark of a page is none that a search gave"};
  return {};
}

std::string listed(const std::optional<std::vector<std::string>>& paths) {
  return nlohmann::json(paths.value_or(std::vector<std::string>{})).dump();
}

} // namespace

result<void> check_key(std::string_view key) { return check_text(errc::invalid_key, "key", key, longest_key); }

result<void> check_name(std::string_view name) {
  return check_text(errc::invalid_name, "collection name", name, longest_name);
}

result<void> check_metadata(std::string_view metadata) {
  if (metadata.empty())
    return {};
  if (const auto depth = json_depth(metadata)) {
    if (*depth <= deepest_metadata)
      return {};
    return error{errc::invalid_metadata,
                 "metadata is nested up to " + std::to_string(deepest_metadata) + " deep, got "
                   + std::to_string(*depth)};
  }
  constexpr std::size_t shown = 40;
  return error{errc::invalid_metadata,
               "metadata is JSON text, got '" + std::string{metadata.substr(0, shown)}
                 + (metadata.size() > shown ? "…'" : "'")};
}

result<void> check_vector(const collection_info& collection, std::span<const float> vector) {
  if (vector.empty())
    return error{errc::invalid_vector,
                 "got an empty vector, the collection holds " + std::to_string(collection.dimension)
                   + " values a vector"};
  if (vector.size() != collection.dimension)
    return error{errc::dimension_mismatch,
                 "got " + std::to_string(vector.size()) + " values, the collection holds "
                   + std::to_string(collection.dimension)};
  double squares = 0;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (!std::isfinite(vector[i]))
      return error{errc::invalid_vector,
                   "value " + std::to_string(i) + " is " + std::to_string(vector[i]) + ", values are finite"};
    squares += double{vector[i]} * vector[i];
  }
  if (std::sqrt(squares) >= longest_vector)
    return error{errc::invalid_vector, "the vector's length is 1e18 or more"};
  if (collection.metric == metric::cosine && squares == 0)
    return error{errc::invalid_vector, "a zero vector has no direction, which the cosine metric compares"};
  return {};
}

result<void> check(const collection_info& collection, const put_request& request) {
  if (request.items.empty())
    return error{errc::invalid_argument, "a put has at least one item, got none"};
  if (request.expected && request.items.size() != 1)
    return error{errc::invalid_argument, "a conditional put has one item, got " + std::to_string(request.items.size())};
  for (std::size_t i = 0; i < request.items.size(); ++i)
    if (auto checked = in_item(i, request.items.size(), check_item(collection, request.items[i])); !checked)
      return checked;
  return {};
}

result<void> check_search(const collection_info& collection, std::span<const float> queries, std::uint64_t count,
                          const search_options& options) {
  if (options.k < 0)
    return error{errc::invalid_argument, "k is 0 or more, got " + std::to_string(options.k)};
  for (auto checked : {check_range("ef", options.ef, 1, 1'000'000), check_filter(options.filter),
                       check_radius(collection.metric, options.radius), check_page(count, options)})
    if (!checked)
      return checked;
  if (count == 0)
    return queries.empty() ? result<void>{} : error{errc::invalid_argument, "got values, but no query"};
  if (queries.size() % count != 0)
    return error{errc::dimension_mismatch,
                 "got " + std::to_string(queries.size()) + " values for " + std::to_string(count)
                   + " queries, the collection holds " + std::to_string(collection.dimension)};
  const auto values = queries.size() / count;
  for (std::size_t i = 0; i < count; ++i)
    if (auto checked = in_item(i, count, check_vector(collection, queries.subspan(i * values, values))); !checked)
      return checked;
  return {};
}

result<void> check(const collection_info& collection, const text_request& request) {
  if (collection.text_fields.empty())
    return error{errc::invalid_argument,
                 "'" + collection.name
                   + "' has no text fields; a collection gets them when it is made (collection_options::text_fields)"};
  if (request.options.k < 0)
    return error{errc::invalid_argument, "k is 0 or more, got " + std::to_string(request.options.k)};
  if (request.options.radius || request.options.paged || request.options.after)
    return error{errc::invalid_argument, "a search for words has no radius and no pages"};
  if (auto filter = check_filter(request.options.filter); !filter)
    return filter;
  if (auto text = check_text(errc::invalid_argument, "text query", request.query, storage::longest_text_query); !text)
    return text;
  auto expression = storage::to_match_expression(request.query);
  return expression ? result<void>{} : expression.error();
}

result<void> check(const collection_info& collection, const search_request& request) {
  if (auto checked = check_search(collection, request.queries, request.count, request.options); !checked)
    return checked;
  if (request.text.empty())
    return {};
  if (request.count != 1)
    return error{errc::invalid_argument, "a hybrid search has one vector, got " + std::to_string(request.count)};
  for (auto checked : {check(collection, text_request{request.text, request.options}),
                       check_range("rank_constant", request.fusion.rank_constant, 0, 1'000'000),
                       check_range("depth", request.fusion.depth, 0, 1'000'000)})
    if (!checked)
      return checked;
  return {};
}

result<void> check(const scan_request& request) { return check_range("limit", request.limit, 1, largest_page); }

result<void> check(const remove_request& request) {
  if (request.keys.empty())
    return error{errc::invalid_argument, "a removal has at least one key, got none"};
  for (std::size_t i = 0; i < request.keys.size(); ++i)
    if (auto checked = in_item(i, request.keys.size(), check_key(request.keys[i])); !checked)
      return checked;
  return {};
}

result<void> check_options(const database_options& options) {
  constexpr std::uint64_t most = UINT64_MAX;
  constexpr std::uint64_t most_threads = 256;
  const auto time = [](std::string_view name, std::chrono::milliseconds value) -> result<void> {
    if (value.count() >= 0)
      return {};
    return error{errc::invalid_argument,
                 std::string{name} + " is 0 ms or more, got " + std::to_string(value.count()) + " ms"};
  };
  for (auto checked : {check_range("max_waiting_writes", options.max_waiting_writes, 1, most),
                       check_range("max_waiting_bytes", options.max_waiting_bytes, 1, most),
                       check_range("max_waiting_searches", options.max_waiting_searches, 1, most),
                       check_range("largest_segment", options.largest_segment, 1, most),
                       check_range("searchers", options.searchers, 0, most_threads),
                       check_range("build_workers", options.build_workers, 0, most_threads),
                       time("poll_interval", options.poll_interval), time("restart_delay", options.restart_delay),
                       time("auto_compaction.idle", options.auto_compaction.idle)})
    if (!checked)
      return checked;
  return {};
}

result<collection_info> complete(const std::string& name, const collection_options& options) {
  if (!options.dimension)
    return error{errc::collection_not_found, "there is no collection '" + name + "'; to create it, give its dimension"};
  const collection_info made{name,
                             *options.dimension,
                             options.metric.value_or(metric::cosine),
                             options.m.value_or(16),
                             options.ef_construction.value_or(200),
                             0,
                             0,
                             options.vector_form.value_or(vector_form::float32),
                             options.fields.value_or(std::vector<std::string>{}),
                             options.text_fields.value_or(std::vector<std::string>{})};
  if (!metric_from_string(to_string(made.metric)))
    return error{errc::invalid_argument,
                 "there is no metric of number " + std::to_string(static_cast<int>(made.metric))};
  if (!vector_form_from_string(to_string(made.vector_form)))
    return error{errc::invalid_argument,
                 "there is no vector form of number " + std::to_string(static_cast<int>(made.vector_form))};
  for (auto checked : {check_range("dimension", made.dimension, 1, largest_dimension), check_range("m", made.m, 4, 128),
                       check_range("ef_construction", made.ef_construction, 8, 4'096),
                       check_paths("fields", made.fields), check_paths("text_fields", made.text_fields)})
    if (!checked)
      return checked.error();
  return made;
}

result<void> check_options(const collection_info& collection, const collection_options& options) {
  const auto number = [](const auto& value) { return std::to_string(value); };
  for (auto checked :
       {check_option("dimension", options.dimension, collection.dimension, number(options.dimension.value_or(0)),
                     number(collection.dimension)),
        check_option("metric", options.metric, collection.metric, to_string(options.metric.value_or(metric::l2)),
                     to_string(collection.metric)),
        check_option("m", options.m, collection.m, number(options.m.value_or(0)), number(collection.m)),
        check_option("ef_construction", options.ef_construction, collection.ef_construction,
                     number(options.ef_construction.value_or(0)), number(collection.ef_construction)),
        check_option("vector_form", options.vector_form, collection.vector_form,
                     to_string(options.vector_form.value_or(vector_form::float32)), to_string(collection.vector_form)),
        check_option("fields", options.fields, collection.fields, listed(options.fields), listed(collection.fields)),
        check_option("text_fields", options.text_fields, collection.text_fields, listed(options.text_fields),
                     listed(collection.text_fields))})
    if (!checked)
      return checked;
  return {};
}

std::uint64_t bytes_of(const put_request& request) {
  std::uint64_t bytes = 0;
  for (const auto& what : request.items)
    bytes += what.key.size() + what.metadata.size() + (what.vector ? what.vector->size() * sizeof(float) : 0);
  return bytes;
}

} // namespace lodge
