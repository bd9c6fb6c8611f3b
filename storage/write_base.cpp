#include "storage/checksum.hpp"
#include "storage/manifest_text.hpp"
#include "storage/writer_state.hpp"

#include <algorithm>

namespace lodge::storage {

namespace {

constexpr std::uint64_t largest_segment = std::uint64_t{1} << 62;

std::uint64_t stored_number(connection& on) { return static_cast<std::uint64_t>(on.ask("SELECT sequence FROM file")); }

void save_manifest(connection& on, collection_id collection, const manifest& what) {
  const auto text = to_text(what);
  statement save{on, "INSERT OR REPLACE INTO bases(collection, manifest, checksum) VALUES (?, ?, ?)"};
  save.with(collection, text, manifest_checksum(collection, text)).run();
  statement cut{on, "UPDATE collections SET dropped_up_to = max(dropped_up_to, ?) WHERE id = ?"};
  cut.with(what.previous_watermark, collection).run();
}

void require_whole(connection& on, collection_id collection, const segment_record& segment) {
  statement query{on, "SELECT count(*), total(length(bytes)) FROM chunks WHERE segment = ? AND collection = ?"};
  query.with(segment.id, collection).step();
  if (query.number(0) != segment.chunks || query.number(1) != segment.bytes)
    throw failure{errc::conflict,
                  "segment " + std::to_string(segment.id) + " has " + std::to_string(query.number(0)) + " of "
                    + std::to_string(segment.chunks) + " chunks"};
}

} // namespace

result<std::uint64_t> writer::new_segment() {
  return state_->request([&] {
    // The counter is one number without a checksum: an id that chunks have is not given out again.
    const auto counted = state_->on.ask("SELECT segments FROM file");
    const auto present = state_->on.ask("SELECT coalesce(max(segment), 0) FROM chunks");
    const auto next = static_cast<std::uint64_t>(std::max({counted, present, std::int64_t{0}})) + 1;
    if (next > largest_segment)
      throw failure{errc::corrupt, "the file says that it gave out " + std::to_string(next - 1) + " segments"};
    statement count{state_->on, "UPDATE file SET segments = ?"};
    count.with(next).run();
    return next;
  });
}

result<void> writer::add_chunk(const chunk& what) {
  return state_->request([&] {
    state_->insert_chunk
      .with(what.segment, what.ordinal, what.collection, chunk_checksum(what.segment, what.ordinal, what.bytes),
            std::span<const std::uint8_t>{what.bytes})
      .run();
  });
}

result<std::uint64_t> writer::publish(collection_id collection, const manifest& next) {
  return state_->request([&] {
    state_->require_living(collection);
    const auto present = read_sound_manifest(state_->on, collection, stored_number(state_->on));
    const auto version = present ? present->version : 0;
    if (next.version != version + 1 || (next.lineage != version && next.lineage != next.version)
        || (present && next.watermark < present->watermark))
      throw failure{errc::conflict,
                    "base " + std::to_string(version) + " was published meanwhile; the next was to be "
                      + std::to_string(next.version)};
    for (const auto& segment : next.segments)
      require_whole(state_->on, collection, segment);
    save_manifest(state_->on, collection, next);
    const auto number = state_->next_number();
    state_->log(number, collection, entry_kind::base);
    return number;
  });
}

result<void> writer::forget_history(collection_id collection) {
  return state_->request([&] {
    state_->require_living(collection);
    auto present = read_sound_manifest(state_->on, collection, stored_number(state_->on));
    if (!present || present->previous_watermark == present->watermark)
      return;
    present->previous_watermark = present->watermark;
    save_manifest(state_->on, collection, *present);
  });
}

} // namespace lodge::storage
