#pragma once

#include <lodge/types.hpp>

#include "tests/simulation/violation.hpp"
#include "tests/support/exact_model.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lodge::test {

/// The kinds of changes, as in the file.
enum class change_kind : std::uint8_t { put = 1, put_without_vector, base, create, drop, remove };

/// One change as it stands in the file: of the logs, and for a put its row.
struct change {
  std::uint64_t number = 0;
  std::uint64_t collection = 0;
  change_kind kind = change_kind::put;
  /// The row that died by it; 0 for none.
  std::uint64_t died = 0;
  /// Of a put: what it stored. Of a removal, the key. Of a creation, the name.
  std::string key = {};
  std::string metadata = {};
  std::optional<std::vector<float>> vector = {};
};

/// A published base as it stands in the file.
struct stored_base {
  std::uint64_t version = 0;
  std::uint64_t watermark = 0;
  std::uint64_t previous_watermark = 0;
  /// Of the rows in it, ascending.
  std::vector<std::uint64_t> labels;
};

/// What one collection held at every number.
struct collection_history {
  struct version {
    std::uint64_t number = 0;
    bool lives = false;
    std::optional<std::vector<float>> vector = {};
    std::string metadata = {};
  };

  bool lives_at(std::uint64_t number) const;
  /// The version of a key at that number; null without one.
  const version* at(const std::string& key, std::uint64_t number) const;
  exact_model as_of(std::uint64_t number) const;
  std::uint64_t items_at(std::uint64_t number) const;
  /// Labels of the living rows with a vector, ascending.
  std::vector<std::uint64_t> vectors_at(std::uint64_t number) const;
  /// Whether there ever was such a row with a vector.
  bool had_vector(std::uint64_t label) const;
  /// The last put or removal up to this number; 0 for none.
  std::uint64_t last_change(std::uint64_t up_to) const;
  /// Whether such a base was ever published.
  bool had_base(std::uint64_t watermark) const;

  std::uint64_t id = 0;
  std::string name;
  lodge::metric metric = metric::l2;
  std::uint64_t created_at = 0;
  /// 0 while it lives.
  std::uint64_t dropped_at = 0;
  std::map<std::string, std::vector<version>> keys;
  /// Numbers of puts and removals.
  std::vector<std::uint64_t> changes;
  std::vector<std::uint64_t> base_watermarks;
  std::uint64_t bases = 0;
};

/// The whole file, change by change. Every change is checked against those before it.
class history {
public:
  /// The last change.
  std::uint64_t number() const { return number_; }
  void take(const change& what);
  /// A base that the file has now. Throws unless it moved forward and holds what lived at its watermark.
  void take(std::uint64_t collection, const stored_base& base);

  bool knows(std::uint64_t collection) const { return collections_.contains(collection); }
  const collection_history& collection(std::uint64_t id) const { return collections_.at(id); }
  const std::map<std::uint64_t, collection_history>& collections() const { return collections_; }
  /// The collection of that name at that number; null without one.
  const collection_history* named(const std::string& name, std::uint64_t number) const;

private:
  void put(collection_history& where, const change& what);
  void remove(collection_history& where, const change& what);

  std::uint64_t number_ = 0;
  std::map<std::uint64_t, collection_history> collections_;
};

} // namespace lodge::test
