#include "cli/commands.hpp"

#include "cli/text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace lodge::cli {

int report(const error& failure) {
  std::fprintf(stderr, "lodge: %s\n", to_string(failure).c_str());
  return failed;
}

void add_collection_options(CLI::App& command, new_collection& options) {
  command.add_option("--metric", options.metric, "Of a new collection; cosine if nothing is said")
    ->check(CLI::IsMember({"l2", "inner_product", "cosine"}));
  command.add_option("--dimension", options.dimension, "Of a new collection; what the vectors have if nothing is said")
    ->check(CLI::Range(1, 65'536));
  command.add_option("--m", options.m, "Of a new collection: links a vector in the graph")->check(CLI::Range(4, 128));
  command
    .add_option("--ef-construction", options.ef_construction, "Of a new collection: candidates when a vector is linked")
    ->check(CLI::Range(8, 4'096));
  command
    .add_option("--vector-form", options.vector_form,
                "Of a new collection: vectors in memory; float32 if nothing is said")
    ->check(CLI::IsMember({"float32", "float16", "int8"}));
  command.add_option("--field", options.fields,
                     "Of a new collection: a path of metadata that filters ask for often; may be given again");
  command.add_option(
    "--text-field", options.text_fields,
    "Of a new collection: a path of metadata whose words are found by a search for text; may be given again");
}

collection_options to_options(const new_collection& options) {
  const auto given = [](std::uint32_t value) { return value == 0 ? std::nullopt : std::optional{value}; };
  const auto paths = [](const std::vector<std::string>& value) {
    return value.empty() ? std::nullopt : std::optional{value};
  };
  return {.dimension = given(options.dimension),
          .metric = metric_from_string(options.metric),
          .m = given(options.m),
          .ef_construction = given(options.ef_construction),
          .vector_form = vector_form_from_string(options.vector_form),
          .fields = paths(options.fields),
          .text_fields = paths(options.text_fields)};
}

error misfit(const collection_options& options, std::span<const float> vector) {
  if (options.dimension && vector.size() != *options.dimension)
    return {errc::dimension_mismatch,
            "got " + counted(vector.size(), "value", "values") + ", the collection is to hold "
              + std::to_string(*options.dimension)};
  if (vector.empty() || !std::ranges::all_of(vector, [](float x) { return std::isfinite(x); }))
    return {errc::invalid_vector, "a vector has values, and all are finite"};
  if (options.metric.value_or(metric::cosine) == metric::cosine
      && std::ranges::all_of(vector, [](float x) { return x == 0; }))
    return {errc::invalid_vector, "all values are 0, which has no direction for the cosine metric"};
  return {};
}

result<database> open_file(const std::string& file, bool create) {
  database_options options;
  options.create = create;
  options.auto_compaction.changes = 0;
  return database::open(file, options);
}

result<database> open_to_read(const std::string& file) {
  database_options options;
  options.read_only = true;
  auto db = database::open(file, options);
  return db || db.error().code != errc::needs_recovery ? std::move(db) : open_file(file);
}

result<collection> find_collection(database& db, const std::string& name) {
  auto found = db.collection(name);
  if (found || found.error().code != errc::collection_not_found)
    return found;
  const auto all = db.collections();
  if (!all)
    return all.error();
  std::string names;
  for (const auto& each : *all)
    names += (names.empty() ? "'" : ", '") + each.name + "'";
  return error{errc::collection_not_found,
               "there is no collection '" + name + "'; there " + (names.empty() ? "are none" : "is " + names)};
}

namespace {

result<opened_collection> choose(result<database> db, const std::string& name) {
  if (!db)
    return db.error();
  auto chosen = find_collection(*db, name);
  if (!chosen)
    return chosen.error();
  return opened_collection{*std::move(db), *std::move(chosen)};
}

} // namespace

result<opened_collection> open_collection(const std::string& file, const std::string& name) {
  return choose(open_file(file), name);
}

result<opened_collection> open_collection_to_read(const std::string& file, const std::string& name) {
  return choose(open_to_read(file), name);
}

} // namespace lodge::cli
