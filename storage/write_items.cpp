#include "storage/checksum.hpp"
#include "storage/collections.hpp"
#include "storage/matching_labels.hpp"
#include "storage/writer_state.hpp"

namespace lodge::storage {

namespace {

std::span<const std::uint8_t> as_bytes(std::span<const float> values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()};
}

/// The living row of a key, as far as a writer needs it.
struct living_row {
  std::uint64_t label = 0;
  std::uint64_t checksum = 0;
  bool has_vector = false;
};

/// The rows of one collection within the open transaction.
template <class State>
class rows {
public:
  rows(State& on, collection_id collection) : s_(on), collection_(collection), beside_(s_.require_living(collection)) {}

  std::optional<living_row> find(std::string_view key) {
    const scope_reset at_end{s_.find_living};
    if (!s_.find_living.with(collection_, key).step())
      return std::nullopt;
    const auto label = s_.find_living.number(0);
    auto& row = s_.row_of_label;
    const scope_reset row_at_end{row};
    // Else a damaged index would make another key's row die.
    if (!row.with(label).step() || row.number(2) != collection_ || row.text(3) != key || !row.is_null(4))
      throw failure{errc::corrupt,
                    "the index of the living leads from '" + std::string{key} + "' to the row of label "
                      + std::to_string(label) + ", which is not its row"};
    return living_row{label, row.number(0), row.integer(1) != 0};
  }

  /// The key's new row, and the end of its former one, in one change.
  std::uint64_t put(std::string_view key, std::string_view metadata,
                    std::optional<std::span<const std::uint8_t>> vector) {
    const auto number = s_.next_number();
    if (const auto replaced = find(key))
      bury(*replaced, number);
    const auto checksum = item_checksum({number, collection_, key, metadata, vector.has_value()});
    s_.insert_item.with(number, collection_, key, metadata, std::uint64_t{vector.has_value()}, checksum).run();
    s_.values_of_fields.insert(collection_, beside_.fields, metadata, number);
    if (beside_.words != nullptr)
      beside_.words->add(number, metadata);
    if (vector)
      s_.insert_vector.with(number, vector_checksum(number, *vector), *vector).run();
    s_.log(number, collection_, vector ? entry_kind::put : entry_kind::put_without_vector);
    auto& counts = s_.counts[collection_];
    counts.items += 1;
    counts.vectors += vector ? 1 : 0;
    return number;
  }

  std::uint64_t put(const item& what) {
    return put(what.key, what.metadata, what.vector ? std::optional{as_bytes(*what.vector)} : std::nullopt);
  }

  /// A row that is known to live.
  living_row of_label(std::uint64_t label) {
    auto& row = s_.row_of_label;
    const scope_reset at_end{row};
    if (!row.with(label).step())
      throw failure{errc::corrupt, "the row of label " + std::to_string(label) + " is missing"};
    return {label, row.number(0), row.integer(1) != 0};
  }

  void bury(const living_row& row, std::uint64_t number) {
    s_.kill.with(number, dead_item_checksum(row.checksum, number), row.label).run();
    s_.log_death(number, collection_, row.label);
    auto& counts = s_.counts[collection_];
    counts.items -= 1;
    counts.vectors -= row.has_vector ? 1 : 0;
  }

private:
  State& s_;
  collection_id collection_;
  derived_rows beside_;
};

} // namespace

result<std::uint64_t> writer::put(collection_id collection, std::span<const item> items) {
  return state_->request([&] {
    rows target{*state_, collection};
    for (const auto& what : items)
      target.put(what);
    return state_->number;
  });
}

result<std::uint64_t> writer::put_if(collection_id collection, const item& what, std::uint64_t expected) {
  return state_->request([&] {
    rows target{*state_, collection};
    const auto present = target.find(what.key);
    if (const auto label = present ? present->label : 0; label != expected)
      throw failure{
        errc::conflict,
        (expected == 0 ? std::string{"expected no such key"} : "expected version " + std::to_string(expected))
          + ", the key has " + (label == 0 ? "none" : "version " + std::to_string(label))};
    return target.put(what);
  });
}

result<std::uint64_t> writer::update_metadata(collection_id collection, std::string_view key,
                                              std::string_view metadata) {
  return state_->request([&] {
    rows target{*state_, collection};
    const auto present = target.find(key);
    if (!present)
      throw failure{errc::key_not_found, "no item has the key '" + std::string{key} + "'"};
    if (!present->has_vector)
      return target.put(key, metadata, std::nullopt);
    statement read{state_->on, "SELECT vector, checksum FROM vectors WHERE label = ?"};
    if (!read.with(present->label).step() || vector_checksum(present->label, read.bytes(0)) != read.number(1))
      throw failure{errc::corrupt, "the vector of '" + std::string{key} + "' does not match its checksum"};
    return target.put(key, metadata, read.bytes(0));
  });
}

result<removal> writer::remove(collection_id collection, std::span<const std::string> keys) {
  return state_->request([&] {
    rows target{*state_, collection};
    removal done;
    for (const auto& key : keys)
      if (const auto present = target.find(key)) {
        target.bury(*present, state_->next_number());
        ++done.removed;
      }
    done.at.number = state_->number;
    return done;
  });
}

result<removal> writer::remove_matching(collection_id collection, const filter& wanted) {
  return state_->request([&] {
    rows target{*state_, collection};
    // All are found before the first one dies, or the search would go on in what it changes.
    matching_labels matching{state_->on, require_collection(state_->on, collection), wanted, living_rows,
                             field_trust::rows_are_asked};
    constexpr std::size_t rows_a_step = 65'536;
    std::vector<std::uint64_t> labels;
    while (matching.step(rows_a_step, labels)) {
    }
    for (const auto label : labels)
      target.bury(target.of_label(label), state_->next_number());
    return removal{labels.size(), {0, state_->number}};
  });
}

} // namespace lodge::storage
