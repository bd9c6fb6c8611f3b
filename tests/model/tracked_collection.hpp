#pragma once

#include "tests/model/front_end.hpp"
#include "tests/support/exact_model.hpp"

#include <map>
#include <string>
#include <vector>

namespace lodge::test {

/// What one collection should hold, and the checks that it does. Each check gives a sentence, empty if all is right.
class tracked_collection {
public:
  tracked_collection(std::string name, std::uint32_t dimension, lodge::metric metric, std::vector<std::string> fields);

  const std::string& name() const { return name_; }
  std::uint32_t dimension() const { return dimension_; }
  collection_options options() const;
  const exact_model& model() const { return model_; }
  /// What `put_if` must expect: 0 without the key.
  std::uint64_t version_of(const std::string& key) const;

  /// What it should answer of the items that match.
  tracked_collection matching(const nlohmann::json& filter) const;

  /// Takes over what a write has done.
  std::string follow(const write& what, const written& outcome);

  std::string check(const std::string& key, const result<record>& got) const;
  std::string check_page(const std::string& after_key, std::uint64_t limit, const result<page>& got) const;
  std::string check(const result<collection_stats>& got) const;
  std::string check_exact(const std::vector<float>& query, const search_options& options, const hits& got) const;
  /// `found` and `wanted` count towards the run's recall.
  std::string check_approximate(const std::vector<float>& query, const search_options& options, const hits& got,
                                std::uint64_t& found, std::uint64_t& wanted) const;

private:
  std::string follow_removal(const write& what, const written& outcome);
  std::string follow_put(const write& what, const written& outcome);
  /// Why an item is not as stored.
  std::string mismatch(const record& got) const;
  std::string check_metadata(const search_options& options, const hits& got) const;

  std::string name_;
  std::uint32_t dimension_;
  lodge::metric metric_;
  /// Those that are declared.
  std::vector<std::string> fields_;
  exact_model model_;
  std::map<std::string, std::uint64_t> versions_;
  /// Numbers of all changes, ascending.
  std::vector<std::uint64_t> changes_;
};

} // namespace lodge::test
