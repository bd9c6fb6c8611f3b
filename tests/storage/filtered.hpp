#pragma once

#include "storage/filter_reading.hpp"

#include "tests/support/filter_interpreter.hpp"
#include "tests/storage/store.hpp"

#include <map>
#include <string>
#include <vector>

namespace lodge::test {

using labels = std::vector<std::uint64_t>;

/// What was put into one collection, and when it died.
struct filtered_row {
  std::uint64_t label = 0;
  std::string key;
  std::string metadata;
  std::uint64_t died_at = 0;
};

/// A file with collections whose rows are known.
struct filtered_store : store {
  std::map<storage::collection_id, std::vector<filtered_row>> rows;
  std::unique_ptr<storage::filter_source> source = must(storage::filter_source::open(path));

  storage::collection_id make_with(const std::string& name, const std::vector<std::string>& fields) {
    storage::collection_id id = 0;
    commit([&] {
      id = must(file->open_collection({name, 1, metric::l2, 16, 200, 0, 0, vector_form::float32, fields})).id;
    });
    return id;
  }

  /// Some with a vector, some without.
  std::uint64_t put(storage::collection_id into, const std::string& key, const std::string& metadata) {
    item what{key, {}, metadata};
    if (rows[into].size() % 3 != 0)
      what.vector = std::vector<float>{1};
    const std::vector<item> items{what};
    const auto label = commit([&] { must(file->put(into, items)); });
    bury(into, key, label);
    rows[into].push_back({label, key, metadata});
    return label;
  }

  std::uint64_t remove(storage::collection_id from, const std::string& key) {
    const std::vector<std::string> keys{key};
    const auto number = commit([&] { must(file->remove(from, keys)); });
    bury(from, key, number);
    return number;
  }

  void bury(storage::collection_id in, const std::string& key, std::uint64_t number) {
    for (auto& row : rows[in])
      if (row.key == key && row.died_at == 0)
        row.died_at = number;
  }

  /// By the interpreter.
  labels expected(storage::collection_id in, const nlohmann::json& filter, const storage::filter_range& within) {
    labels found;
    for (const auto& row : rows[in])
      if (row.label > within.after && (row.died_at == 0 || row.died_at > within.as_of)
          && filter_matches(filter, row.metadata))
        found.push_back(row.label);
    return found;
  }

  std::unique_ptr<storage::filter_reading> begin(storage::collection_id in, const std::string& filter,
                                                 const storage::filter_range& within = {}) {
    return must(source->begin(in, must(storage::filter::parse(filter)), within));
  }

  labels found(storage::collection_id in, const std::string& filter, const storage::filter_range& within = {},
               std::size_t slice = 1'000'000) {
    return all_of(*begin(in, filter, within), slice);
  }

  static labels all_of(storage::filter_reading& reading, std::size_t slice = 1'000'000) {
    labels got;
    while (must(reading.step(slice, got))) {
    }
    return got;
  }
};

} // namespace lodge::test
