#include "cli/commands.hpp"
#include "cli/each_page.hpp"
#include "cli/interruption.hpp"
#include "cli/item_writer.hpp"
#include "cli/output_file.hpp"
#include "cli/progress.hpp"
#include "cli/source.hpp"
#include "cli/text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace lodge::cli {

namespace {

struct export_options {
  std::string file;
  std::string collection;
  std::string target;
  std::string keys;
  std::string format_name;
  bool force = false;
};

/// The files that an export makes.
struct export_files {
  output_file target;
  std::optional<output_file> keys = {};
};

result<export_files> open_files(const export_options& options, format what) {
  auto target = output_file::open(options.target, options.force, what == format::npy);
  if (!target)
    return target.error();
  export_files made{*std::move(target)};
  if (!options.keys.empty()) {
    auto keys = output_file::open(options.keys, options.force, false);
    if (!keys)
      return keys.error();
    made.keys.emplace(*std::move(keys));
  }
  return made;
}

result<format> format_to_write(const export_options& options) {
  const auto what = format_of(options.target, options.format_name);
  if (!what || *what == format::csv)
    return error{errc::invalid_argument,
                 "an export is .jsonl, .fvecs or .npy: got '" + options.target + "', give another ending or --format"};
  const auto needs_keys = *what != format::jsonl;
  if (needs_keys && options.keys.empty())
    return error{errc::invalid_argument, "vectors without keys: give --keys FILE for a key a line, or export .jsonl"};
  if (!needs_keys && !options.keys.empty())
    return error{errc::invalid_argument, "a .jsonl file has the keys in it, --keys is for .fvecs and .npy"};
  if (!options.keys.empty()
      && std::filesystem::absolute(options.keys).lexically_normal()
        == std::filesystem::absolute(options.target).lexically_normal())
    return error{errc::invalid_argument, "vectors and keys are to be two files"};
  return *what;
}

/// A database is more than one file, and none of them is to be written over by its export.
result<void> check_is_not(const std::string& database, const std::string& target) {
  for (const auto* part : {"", "-wal", "-shm", "-lodge"})
    if (std::error_code none; std::filesystem::equivalent(database + part, target, none))
      return error{errc::invalid_argument, target + " is a file of the database that is exported"};
  return {};
}

/// Writes all items. @returns Whether it was not interrupted.
result<bool> write_all(const collection& chosen, item_writer& writer, progress& bar, const interruption& stop) {
  const auto items = chosen.size();
  if (!items)
    return items.error();
  result<void> written;
  const auto read = each_page(chosen, [&](const page& next) {
    for (const auto& what : next.records)
      if (written)
        written = writer.write(what);
    bar.show(writer.rows(),
             static_cast<double>(writer.rows()) / static_cast<double>(std::max<std::uint64_t>(*items, 1)));
    return written && !stop.arrived();
  });
  if (!read)
    return read.error();
  if (!written)
    return written.error();
  return !stop.arrived();
}

int export_items(const export_options& options) {
  const interruption stop;
  const auto what = format_to_write(options);
  if (!what)
    return report(what.error());
  auto opened = open_collection_to_read(options.file, options.collection);
  if (!opened)
    return report(opened.error());
  const auto info = opened->chosen.info();
  if (!info)
    return report(info.error());
  for (const auto& target : {options.target, options.keys})
    if (auto other = check_is_not(options.file, target); !other)
      return report(other.error());
  auto files = open_files(options, *what);
  if (!files)
    return report(files.error());
  const auto writer =
    item_writer::make(*what, info->dimension, files->target.stream(), files->keys ? &files->keys->stream() : nullptr);
  progress bar{"exporting " + options.collection};
  const auto written = write_all(opened->chosen, *writer, bar, stop);
  bar.clear();
  if (!written)
    return report(written.error());
  if (!*written) {
    bar.finish("interrupted: nothing was exported");
    return interrupted;
  }
  writer->finish();
  // A pair of files that do not belong together would be worse than none.
  if (auto out = files->target.write_out(); !out)
    return report(out.error());
  if (files->keys)
    if (auto named = files->keys->finish(); !named)
      return report(named.error());
  if (auto named = files->target.finish(); !named)
    return report(named.error());
  auto text = "exported " + options.collection + ": " + counted(writer->rows(), "item", "items") + " in "
    + duration_text(bar.seconds());
  if (writer->left_out() > 0)
    text += "; " + counted(writer->left_out(), "item", "items") + " without a vector left out";
  if (writer->metadata_left_out() > 0)
    text +=
      "; the metadata of " + counted(writer->metadata_left_out(), "item", "items") + " left out (.jsonl holds it)";
  bar.finish(text);
  return succeeded;
}

} // namespace

void add_export(CLI::App& tool, int& code) {
  auto options = std::make_shared<export_options>();
  auto* command =
    tool.add_subcommand("export", "Write the items of a collection to a file, in the order of their keys");
  command->add_option("file", options->file, "Database")->required();
  command->add_option("collection", options->collection, "Collection")->required();
  command->add_option("target", options->target, "New file: .jsonl, .fvecs or .npy; - for standard output")
    ->required()
    ->type_name("PATH");
  command->add_option("--keys", options->keys, "New file with a key a line, for .fvecs and .npy")->type_name("PATH");
  command->add_option("--format", options->format_name, "Format, if the ending does not say it")
    ->check(CLI::IsMember({"jsonl", "fvecs", "npy"}));
  command->add_flag("--force", options->force, "Write over files that are there");
  command->footer("Example:\n  lodge export words.lodge words words.npy --keys words.txt\n"
                  "  lodge export words.lodge words - --format jsonl | gzip > words.jsonl.gz");
  command->callback([options, &code] { code = export_items(*options); });
}

} // namespace lodge::cli
