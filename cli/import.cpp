#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/row_import.hpp"
#include "cli/text.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace lodge::cli {

namespace {

/// More bad rows than these are counted, and not named.
constexpr std::uint64_t bad_rows_named = 10;

struct import_options {
  import_target target;
  import_manner manner;
  new_collection made;
  std::vector<std::string> sources;
  std::vector<std::string> vectors;
  std::vector<std::string> keys;
  std::string format;
  bool number = false;
  bool compact = false;
  bool leave = false;
};

/// The key file that goes with the source at a place; empty for none.
std::string keys_of(const import_options& options, std::size_t place) {
  return place < options.keys.size() ? options.keys[place] : "";
}

result<std::vector<source>> open_sources(const import_options& options, const interruption& stop) {
  if (options.sources.empty())
    return error{errc::invalid_argument, "give a source: a .fvecs, .npy, .jsonl or .csv file, or - for standard input"};
  if (options.keys.size() > options.sources.size())
    return error{errc::invalid_argument,
                 "there are " + counted(options.keys.size(), "key file", "key files") + " for "
                   + counted(options.sources.size(), "source", "sources")};
  if (options.number && options.sources.size() > 1)
    return error{errc::invalid_argument,
                 "--number gives the rows of one source their numbers, got " + std::to_string(options.sources.size())
                   + " sources"};
  std::vector<source> opened;
  for (std::size_t i = 0; i < options.sources.size(); ++i) {
    auto next = source::open({.path = options.sources[i],
                              .format_name = options.format,
                              .keys = keys_of(options, i),
                              .first_number = options.number ? std::optional<std::uint64_t>{0} : std::nullopt},
                             &stop);
    if (!next)
      return next.error();
    opened.push_back(*std::move(next));
  }
  return opened;
}

/// The bytes of all sources; nothing if one is a pipe.
std::optional<std::uint64_t> bytes_of(const std::vector<std::string>& paths) {
  std::uint64_t sum = 0;
  for (const auto& path : paths) {
    const auto bytes = size_of_file(path);
    if (!bytes)
      return std::nullopt;
    sum += *bytes;
  }
  return sum;
}

std::optional<double> part_of(std::uint64_t done, std::optional<std::uint64_t> all) {
  if (!all || *all == 0)
    return std::nullopt;
  return static_cast<double>(done) / static_cast<double>(*all);
}

std::string summary(const import_options& options, const import_counts& counts, double seconds) {
  auto text = "imported " + options.target.collection + ": " + counted(counts.rows, "row", "rows") + " in "
    + duration_text(seconds) + ": " + with_separators(counts.put) + " put, " + with_separators(counts.present)
    + " there already";
  if (counts.bad > 0)
    text += ", " + with_separators(counts.bad) + " bad and passed over";
  if (counts.repeated > 0)
    text += "; " + counted(counts.repeated, "row", "rows") + " had a key that came before, the last one stays";
  return text;
}

std::string what_is_stored(const import_counts& counts) {
  return counted(counts.put, "row was", "rows were") + " put"
    + (counts.present > 0 ? ", " + with_separators(counts.present) + " were there already" : "");
}

/// Compacts if it was asked for, or if as much has changed as would make lodge compact by itself.
int compact_after(const import_options& options, row_import& rows, const interruption& stop) {
  if (options.leave || rows.collection() == nullptr)
    return succeeded;
  const auto seen = rows.collection()->stats();
  if (!seen)
    return report(seen.error());
  constexpr auto_compaction rule;
  const auto is_due = seen->changes_since_base >= std::max(rule.changes, seen->base_vectors * rule.percent / 100);
  if (!options.compact && !is_due)
    return succeeded;
  return compact_one(*rows.file(), options.target.collection, *rows.collection(), stop);
}

int import(import_options options) {
  const interruption stop;
  options.target.options = to_options(options.made);
  options.sources.insert(options.sources.end(), options.vectors.begin(), options.vectors.end());
  auto sources = open_sources(options, stop);
  if (!sources)
    return report(sources.error());
  progress bar{"importing " + options.target.collection};
  const auto all_bytes = bytes_of(options.sources);
  std::uint64_t bytes_before = 0;
  std::uint64_t bad_rows = 0;
  options.manner.on_bad = [&](const error& why) {
    bar.clear();
    if (++bad_rows <= bad_rows_named)
      std::fprintf(stderr, "passed over: %s\n", to_string(why).c_str());
  };
  options.manner.on_batch = [&](const import_counts& counts, std::uint64_t bytes) {
    bar.show(counts.rows, part_of(bytes_before + bytes, all_bytes));
  };
  row_import rows{options.target, options.manner, stop};
  for (auto& each : *sources) {
    if (auto taken = rows.take(each); !taken) {
      bar.clear();
      const auto so_far = rows.counts().rows == 0 ? "" : "; before it, " + what_is_stored(rows.counts());
      return report({taken.error().code, taken.error().detail + so_far});
    }
    bytes_before += each.bytes_read();
    if (stop.arrived())
      break;
  }
  if (bad_rows > bad_rows_named)
    std::fprintf(stderr, "passed over: %s more\n", with_separators(bad_rows - bad_rows_named).c_str());
  if (stop.arrived()) {
    bar.finish("interrupted: " + what_is_stored(rows.counts()) + "; the same command again goes on from there");
    return interrupted;
  }
  bar.finish(summary(options, rows.counts(), bar.seconds()));
  if (const auto code = compact_after(options, rows, stop); code != succeeded)
    return code;
  if (rows.file() != nullptr)
    if (auto closed = rows.file()->close(); !closed)
      return report(closed.error());
  return succeeded;
}

} // namespace

void add_import(CLI::App& tool, int& code) {
  auto options = std::make_shared<import_options>();
  auto* command = tool.add_subcommand("import", "Put the rows of files; again: goes on where it stopped");
  command->add_option("file", options->target.file, "Database, made if need be")->required();
  command->add_option("collection", options->target.collection, "Collection, made if need be")->required();
  command->add_option("source", options->sources, "Files of rows: .fvecs, .npy, .jsonl or .csv; - for standard input")
    ->type_name("PATH");
  auto* keys = command
                 ->add_option("--keys", options->keys,
                              "Text file with a key a line, for .fvecs and .npy; one for each source, in order")
                 ->allow_extra_args(false)
                 ->type_name("PATH");
  command->add_flag("--number", options->number, "Without a key file: the row numbers from 0 as keys")->excludes(keys);
  command->add_option("--vectors", options->vectors, "Another way to name a source")
    ->allow_extra_args(false)
    ->type_name("PATH");
  command->add_option("--format", options->format, "Format of the sources, if their endings do not say it")
    ->check(CLI::IsMember({"fvecs", "npy", "jsonl", "csv"}));
  command->add_flag("--skip-bad", options->manner.skip_bad, "Name bad rows, and go on after them");
  add_collection_options(*command, options->made);
  command->add_option("--batch", options->manner.batch, "Rows a transaction")
    ->check(CLI::Range(1, 100'000))
    ->capture_default_str();
  auto* compact = command->add_flag("--compact", options->compact, "Compact afterwards in any case");
  command->add_flag("--no-compact", options->leave, "Do not compact afterwards, however much was put")
    ->excludes(compact);
  command->footer("Example:\n  lodge import words.lodge words words.fvecs --keys words.txt\n"
                  "  zcat items.jsonl.gz | lodge import shop.lodge items - --format jsonl --metric l2");
  command->callback([options, &code] { code = import(*options); });
}

} // namespace lodge::cli
