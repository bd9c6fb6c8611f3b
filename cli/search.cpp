#include "cli/commands.hpp"
#include "cli/hits_output.hpp"
#include "cli/queries.hpp"
#include "cli/text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace lodge::cli {

namespace {

struct search_options {
  std::string file;
  std::string collection;
  query_options queries;
  output_options output;
  std::int64_t k = 10;
  std::uint32_t ef = 100;
  bool exact = false;
};

/// More queries without an answer than these are counted, and not named.
constexpr std::uint64_t most_named = 10;

/// Looks for the neighbours of queries and writes them, all that can be answered.
class query_run {
public:
  query_run(const search_options& options, const collection& in, hits_output& out)
    : options_(options), in_(in), out_(out) {}

  void take(std::vector<query>& queries) {
    std::vector<std::vector<float>> vectors;
    for (const auto& each : queries)
      vectors.push_back(each.vector);
    auto reply = in_.search(vectors, asked(queries));
    if (!reply && queries.size() > 1) {
      // One of them is at fault; the others are answered.
      for (auto& each : queries) {
        std::vector<query> alone{each};
        take(alone);
      }
      return;
    }
    for (std::size_t i = 0; i < queries.size(); ++i) {
      if (reply)
        out_.write(queries[i], without_itself(std::move(reply->results[i]), queries[i]));
      else
        refuse(queries[i], reply.error());
    }
  }

  void refuse(const query& what, const error& why) {
    out_.write_nothing(what);
    const auto is_absent = what.itself && why.code == errc::key_not_found;
    code_ = std::max(code_, is_absent ? answered_no : failed);
    if (++refused_ > most_named)
      return;
    if (is_absent)
      std::fprintf(stderr, "lodge: there is no item %s\n", what.place.c_str());
    else
      report({why.code, what.place + ": " + why.detail});
  }

  void say_how_many_more() const {
    if (refused_ > most_named)
      std::fprintf(stderr, "lodge: %s more are not answered\n", with_separators(refused_ - most_named).c_str());
  }

  int code() const { return code_; }

private:
  lodge::search_options asked(const std::vector<query>& queries) const {
    const auto with_itself = std::ranges::any_of(queries, [](const query& each) { return each.itself; });
    const auto one_more = with_itself && options_.k >= 0 && options_.k < INT64_MAX;
    return {.k = options_.k + (one_more ? 1 : 0),
            .ef = options_.ef,
            .exact = options_.exact,
            .with_metadata = true,
            .timeout = no_timeout};
  }

  hits without_itself(hits found, const query& what) const {
    if (what.itself)
      std::erase_if(found, [&](const hit& each) { return each.key == what.label; });
    if (found.size() > static_cast<std::size_t>(options_.k))
      found.resize(static_cast<std::size_t>(options_.k));
    return found;
  }

  const search_options& options_;
  const collection& in_;
  hits_output& out_;
  int code_ = succeeded;
  std::uint64_t refused_ = 0;
};

int search(const search_options& options) {
  auto opened = open_collection_to_read(options.file, options.collection);
  if (!opened)
    return report(opened.error());
  const auto& chosen = opened->chosen;
  const auto info = chosen.info();
  if (!info)
    return report(info.error());
  auto out = hits_output::open(options.output, info->metric, options.k);
  if (!out)
    return report(out.error());
  query_run run{options, chosen, *out};
  const auto read = read_queries(
    options.queries, chosen, [&](std::vector<query>& some) { run.take(some); },
    [&](const query& what, const error& why) { run.refuse(what, why); });
  if (!read)
    return report(read.error());
  run.say_how_many_more();
  return run.code();
}

} // namespace

void add_search(CLI::App& tool, int& code) {
  auto options = std::make_shared<search_options>();
  auto* command = tool.add_subcommand("search", "Find the nearest neighbours of items or vectors");
  command->add_option("file", options->file, "Database")->required();
  command->add_option("collection", options->collection, "Collection")->required();
  command->add_option("key", options->queries.keys, "Items whose neighbours are looked for, themselves left out");
  command->add_option("--like", options->queries.keys_by_option, "Another way to name such an item")
    ->allow_extra_args(false)
    ->type_name("KEY");
  command->add_option("--vector", options->queries.vector, "A query: its values with commas in between")
    ->type_name("VALUES");
  command->add_option("--queries", options->queries.path, "Many queries: a .fvecs, .npy, .jsonl or .csv file, or -")
    ->type_name("PATH");
  command->add_option("--format", options->queries.format, "Format of the queries, if the ending does not say it")
    ->check(CLI::IsMember({"fvecs", "npy", "jsonl", "csv"}));
  command->add_option("-k", options->k, "Hits a query")->check(CLI::Range(0, 1'000'000))->capture_default_str();
  command->add_option("--ef", options->ef, "Candidates of the graph search: more find more, slower")
    ->check(CLI::Range(1, 1'000'000))
    ->capture_default_str();
  command->add_flag("--exact", options->exact, "Compare with every vector");
  command
    ->add_option("--output", options->output.format,
                 "table; json: a line a query; ivecs: a row of k row numbers a query, -1 where there is none")
    ->check(CLI::IsMember({"table", "json", "ivecs"}))
    ->capture_default_str();
  command
    ->add_option("--keys", options->output.keys,
                 "For ivecs: the key file of the import, whose lines are the row numbers from 0; without it the keys "
                 "are to be row numbers")
    ->type_name("PATH");
  command->footer(
    "Example:\n  lodge search words.lodge words river music -k 5\n"
    "  lodge search words.lodge words --queries queries.fvecs --output ivecs --keys words.txt > found.ivecs");
  command->callback([options, &code] { code = search(*options); });
}

} // namespace lodge::cli
