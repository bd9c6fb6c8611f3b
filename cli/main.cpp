// The `lodge` command: reads the command line, and calls what cli/commands.hpp lists.

#include "cli/commands.hpp"

#include <lodge/database.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>

int lodge::cli::report(const error& failure) {
  std::fprintf(stderr, "lodge: %s\n", to_string(failure).c_str());
  return failed;
}

int main(int argc, char** argv) {
  using namespace lodge::cli;
  CLI::App app{"lodge: a vector store in one SQLite file", "lodge"};
  app.require_subcommand(1);

  import_options importing;
  auto* import_command = app.add_subcommand("import", "Put the rows of an .fvecs file, under keys from a text file");
  import_command->add_option("file", importing.file, "Database, made if need be")->required();
  import_command->add_option("collection", importing.collection, "Collection, made if need be")->required();
  import_command->add_option("--vectors", importing.vectors, ".fvecs file: a row is an int32 count and as many float32")
    ->required();
  import_command->add_option("--keys", importing.keys, "Text file with a key a line, in the order of the rows")
    ->required();
  import_command->add_option("--metric", importing.metric, "Of a new collection")
    ->check(CLI::IsMember({"l2", "inner_product", "cosine"}))
    ->capture_default_str();
  import_command->add_option("--batch", importing.batch, "Items a transaction")
    ->check(CLI::Range(1, 100'000))
    ->capture_default_str();
  import_command->add_flag("--compact", importing.compact, "Compact afterwards, and wait for it");
  import_command->footer("Example:\n  lodge import words.lodge words --vectors words.fvecs --keys words.txt");

  search_options searching;
  auto* search_command = app.add_subcommand("search", "Find the nearest neighbours of an item or a vector");
  search_command->add_option("file", searching.file, "Database")->required();
  search_command->add_option("collection", searching.collection, "Collection")->required();
  auto* like = search_command->add_option("--like", searching.like, "Keys whose vectors are the queries");
  search_command->add_option("--vector", searching.vector, "Values of the query, with commas in between")
    ->delimiter(',')
    ->excludes(like);
  search_command->add_option("-k", searching.k, "Hits a query")->capture_default_str();
  search_command->add_option("--ef", searching.ef, "Candidates of the graph search: more find more, slower")
    ->capture_default_str();
  search_command->add_flag("--exact", searching.exact, "Compare with every vector");
  search_command->footer("Example:\n  lodge search words.lodge words --like river -k 5");

  collection_choice chosen;
  const auto takes_choice = [&](CLI::App* command) {
    command->add_option("file", chosen.file, "Database")->required();
    command->add_option("collection", chosen.collection, "Collection; all if left out");
  };
  auto* stats_command = app.add_subcommand("stats", "Show counts, sizes and the state of the compaction");
  takes_choice(stats_command);
  stats_command->footer("Example:\n  lodge stats words.lodge");
  auto* compact_command = app.add_subcommand("compact", "Build a base of all that lives, and give free space back");
  takes_choice(compact_command);
  compact_command->footer("Example:\n  lodge compact words.lodge words");
  std::string checked;
  auto* check_command =
    app.add_subcommand("check", "Verify all that can be verified; exit code 1 if something is wrong");
  check_command->add_option("file", checked, "Database")->required();
  check_command->footer("Example:\n  lodge check words.lodge");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    return app.exit(failure) == 0 ? succeeded : failed;
  }
  if (*import_command)
    return import(importing);
  if (*search_command)
    return search(searching);
  if (*stats_command)
    return stats(chosen);
  if (*compact_command)
    return compact(chosen);
  return check(checked);
}
