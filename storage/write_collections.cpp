#include "storage/collections.hpp"
#include "storage/writer_state.hpp"

#include <nlohmann/json.hpp>

namespace lodge::storage {

result<collection_row> writer::open_collection(const collection_info& info) {
  return state_->request([&] {
    if (auto present = find_collection(state_->on, info.name))
      return *std::move(present);
    const auto number = state_->next_number();
    statement insert{state_->on,
                     "INSERT INTO collections(id, name, dimension, metric, m, ef_construction, created_at,"
                     " dropped_up_to, items, vectors, vector_form, fields, text_fields)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?)"};
    insert
      .with(number, info.name, std::uint64_t{info.dimension}, to_string(info.metric), std::uint64_t{info.m},
            std::uint64_t{info.ef_construction}, number, to_string(info.vector_form),
            nlohmann::json(info.fields).dump(), nlohmann::json(info.text_fields).dump())
      .run();
    if (!info.text_fields.empty())
      text_index::create(state_->on, number, info.text_fields);
    state_->log(number, number, entry_kind::create);
    return collection_row{number, info, number, 0, 0};
  });
}

result<std::uint64_t> writer::drop_collection(std::string_view name) {
  return state_->request([&] {
    const auto present = find_collection(state_->on, name);
    if (!present)
      throw failure{errc::collection_not_found, "there is no collection '" + std::string{name} + "'"};
    const auto number = state_->next_number();
    statement drop{state_->on, "UPDATE collections SET dropped_at = ? WHERE id = ?"};
    drop.with(number, present->id).run();
    state_->log(number, present->id, entry_kind::drop);
    return number;
  });
}

} // namespace lodge::storage
