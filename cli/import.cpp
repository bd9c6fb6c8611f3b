#include "cli/commands.hpp"
#include "cli/compaction.hpp"
#include "cli/progress.hpp"
#include "cli/vector_file.hpp"

#include <lodge/database.hpp>

#include <string>

namespace lodge::cli {

namespace {

constexpr std::chrono::seconds batch_timeout{60};

/// Whether the very item is there already, so that a second import writes nothing.
result<bool> is_stored(const collection& target, const item& what) {
  const auto present = target.get(what.key);
  if (!present && present.error().code != errc::key_not_found)
    return present.error();
  return present && present->vector == what.vector;
}

/// Where an error's rows are in the file.
error at_rows(const error& failure, std::uint64_t first, std::uint64_t last) {
  const auto rows =
    first == last ? "row " + std::to_string(first) : "in rows " + std::to_string(first) + " to " + std::to_string(last);
  return {failure.code, rows + ": " + failure.detail};
}

result<std::uint64_t> import_rows(vector_file& source, collection& target, const import_options& options) {
  progress bar{"importing " + options.collection, source.rows()};
  std::uint64_t rows = 0;
  std::uint64_t stored = 0;
  /// Of the batch.
  std::uint64_t first_row = 1;
  std::vector<item> batch;
  const auto flush = [&]() -> result<void> {
    if (batch.empty())
      return {};
    stored += batch.size();
    if (auto put = target.put(std::exchange(batch, {}), batch_timeout); !put)
      return at_rows(put.error(), first_row, rows);
    return {};
  };
  item next;
  for (;;) {
    next.vector.emplace();
    auto more = source.next(next.key, *next.vector);
    if (!more || !*more) {
      // What was read before a bad row is good, and stays.
      if (auto flushed = flush(); !flushed)
        return flushed.error();
      if (!more)
        return more.error();
      break;
    }
    ++rows;
    auto present = is_stored(target, next);
    if (!present)
      return at_rows(present.error(), rows, rows);
    if (!*present) {
      first_row = batch.empty() ? rows : first_row;
      batch.push_back(std::move(next));
    }
    if (batch.size() == options.batch)
      if (auto flushed = flush(); !flushed)
        return flushed.error();
    bar.show(rows);
  }
  bar.finish(rows, ", " + std::to_string(stored) + " put, " + std::to_string(rows - stored) + " there already");
  return rows;
}

} // namespace

int import(const import_options& options) {
  auto source = vector_file::open(options.vectors, options.keys);
  if (!source)
    return report(source.error());
  auto db = database::open(options.file);
  if (!db)
    return report(db.error());
  auto target = db->collection(options.collection,
                               {.dimension = source->dimension(), .metric = metric_from_string(options.metric)});
  if (!target)
    return report(target.error());
  if (auto imported = import_rows(*source, *target, options); !imported)
    return report(imported.error());
  if (options.compact)
    if (const auto code = compact_one(options.collection, *target); code != succeeded)
      return code;
  if (auto closed = db->close(); !closed)
    return report(closed.error());
  return succeeded;
}

} // namespace lodge::cli
