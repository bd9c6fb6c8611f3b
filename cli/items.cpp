#include "cli/commands.hpp"
#include "cli/formats/float_text.hpp"
#include "cli/formats/jsonl.hpp"
#include "cli/text.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace lodge::cli {

namespace {

struct key_choice {
  std::string file;
  std::string collection;
  std::vector<std::string> keys;
  std::string where;
};

struct put_options {
  std::string file;
  std::string collection;
  std::string key;
  std::string vector;
  std::string metadata;
  new_collection made;
};

int get(const key_choice& options) {
  auto opened = open_collection_to_read(options.file, options.collection);
  if (!opened)
    return report(opened.error());
  int code = succeeded;
  for (const auto& key : options.keys) {
    if (const auto found = opened->chosen.get(key)) {
      std::printf("%s\n", to_json_line(*found).c_str());
    } else if (found.error().code == errc::key_not_found) {
      std::fprintf(stderr, "lodge: there is no item '%s'\n", key.c_str());
      code = answered_no;
    } else {
      return report(found.error());
    }
  }
  return code;
}

/// Without a vector: other metadata for the item that is there, or a new item that is never a hit.
result<position> put_metadata(collection& chosen, const put_options& options) {
  auto done = chosen.update_metadata(options.key, options.metadata);
  if (done || done.error().code != errc::key_not_found)
    return done;
  return chosen.put(item{.key = options.key, .metadata = options.metadata});
}

int put(const put_options& options) {
  if (options.vector.empty() && options.metadata.empty())
    return report({errc::invalid_argument, "give a vector, --metadata, or both"});
  auto values = floats_from(options.vector);
  if (!values)
    return report(values.error());
  auto db = open_file(options.file, true);
  if (!db)
    return report(db.error());
  auto asked = to_options(options.made);
  auto chosen = db->collection(options.collection);
  const auto is_new = !chosen && chosen.error().code == errc::collection_not_found;
  if (is_new && !values->empty())
    if (const auto why = misfit(asked, *values))
      return report(why);
  if (is_new && !asked.dimension && !values->empty())
    asked.dimension = static_cast<std::uint32_t>(values->size());
  chosen = db->collection(options.collection, asked);
  if (!chosen)
    return report(chosen.error());
  const auto done = options.vector.empty() ? put_metadata(*chosen, options)
                                           : chosen->put(options.key, *std::move(values), options.metadata);
  return done ? succeeded : report(done.error());
}

int remove(const key_choice& options) {
  if (options.keys.empty() == options.where.empty())
    return report({errc::invalid_argument, "give keys of items, or --where"});
  auto opened = open_collection(options.file, options.collection);
  if (!opened)
    return report(opened.error());
  const auto done =
    options.where.empty() ? opened->chosen.remove(options.keys) : opened->chosen.remove_matching(options.where);
  if (!done)
    return report(done.error());
  const auto absent = options.where.empty() ? options.keys.size() - done->removed : 0;
  std::fprintf(stderr, "%s removed", counted(done->removed, "item", "items").c_str());
  if (absent > 0)
    std::fprintf(stderr, ", %s not there", counted(absent, "key was", "keys were").c_str());
  std::fprintf(stderr, "\n");
  return absent == 0 ? succeeded : answered_no;
}

int count(const key_choice& options) {
  auto opened = open_collection_to_read(options.file, options.collection);
  if (!opened)
    return report(opened.error());
  const auto counted = options.where.empty() ? opened->chosen.size() : opened->chosen.count(options.where);
  if (!counted)
    return report(counted.error());
  std::printf("%llu\n", static_cast<unsigned long long>(*counted));
  return succeeded;
}

CLI::App* add_with_keys(CLI::App& tool, const std::string& name, const std::string& what,
                        const std::shared_ptr<key_choice>& options) {
  auto* command = tool.add_subcommand(name, what);
  command->add_option("file", options->file, "Database")->required();
  command->add_option("collection", options->collection, "Collection")->required();
  command->add_option("key", options->keys, "Keys of items");
  return command;
}

} // namespace

void add_get(CLI::App& tool, int& code) {
  auto options = std::make_shared<key_choice>();
  auto* command = add_with_keys(tool, "get", "Show items, a JSON line each; exit code 1 if one is not there", options);
  command->get_option("key")->required();
  command->footer("Example:\n  lodge get words.lodge words river");
  command->callback([options, &code] { code = get(*options); });
}

void add_put(CLI::App& tool, int& code) {
  auto options = std::make_shared<put_options>();
  auto* command = tool.add_subcommand("put", "Store an item in place of what is under its key");
  command->add_option("file", options->file, "Database, made if need be")->required();
  command->add_option("collection", options->collection, "Collection, made if need be")->required();
  command->add_option("key", options->key, "Key of the item")->required();
  command
    ->add_option(
      "vector,--vector", options->vector,
      "Values with commas in between. With them the whole item is replaced, its metadata too; without them it "
      "keeps its vector, and a new one has none")
    ->type_name("VALUES");
  command->add_option("--metadata", options->metadata, "JSON text")->type_name("JSON");
  add_collection_options(*command, options->made);
  command->footer("Example:\n  lodge put colours.lodge colours red 1,0,0 --metadata '{\"hex\": \"#ff0000\"}'");
  command->callback([options, &code] { code = put(*options); });
}

void add_remove(CLI::App& tool, int& code) {
  auto options = std::make_shared<key_choice>();
  auto* command = add_with_keys(tool, "remove", "Remove items; exit code 1 if one was not there", options);
  command->add_option("--where", options->where, "All items whose metadata matches this JSON, in place of keys")
    ->type_name("FILTER");
  command->footer("Example:\n  lodge remove words.lodge words river lake\n"
                  "  lodge remove films.lodge films --where '{\"year\": {\"$lt\": 1920}}'");
  command->callback([options, &code] { code = remove(*options); });
}

void add_count(CLI::App& tool, int& code) {
  auto options = std::make_shared<key_choice>();
  auto* command = tool.add_subcommand("count", "Count items");
  command->add_option("file", options->file, "Database")->required();
  command->add_option("collection", options->collection, "Collection")->required();
  command->add_option("--where", options->where, "Only items whose metadata matches this JSON")->type_name("FILTER");
  command->footer(
    "Example:\n  lodge count films.lodge films --where '{\"genre\": {\"$in\": [\"horror\", \"crime\"]}}'");
  command->callback([options, &code] { code = count(*options); });
}

} // namespace lodge::cli
