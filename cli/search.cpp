#include "cli/commands.hpp"
#include "cli/hits_output.hpp"
#include "cli/queries.hpp"
#include "cli/text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

namespace lodge::cli {

namespace {

struct search_options {
  std::string file;
  std::string collection;
  query_options queries;
  /// Words that are looked for, alone or beside the queries.
  std::string text;
  output_options output;
  std::int64_t k = 10;
  std::uint32_t ef = 100;
  bool exact = false;
  std::string where;
  std::optional<float> within;
  bool explain = false;
};

/// How a search was done, on standard error.
void show(const search_explanation& what) {
  if (!what.filter.empty())
    std::fprintf(stderr, "filter: %s match, %s%s\n", counted(what.matching, "row", "rows").c_str(), what.filter.c_str(),
                 what.by_field_index ? " by the index of a field" : "");
  for (std::size_t i = 0; i < what.parts.size(); ++i) {
    const auto& part = what.parts[i];
    std::fprintf(stderr, "%s: %s, %s live", i + 1 == what.parts.size() ? "outside the graphs" : "segment",
                 counted(part.rows, "row", "rows").c_str(), with_separators(part.living).c_str());
    if (part.graph_searches > 0)
      std::fprintf(stderr, "; graph: %s, %s compared", counted(part.graph_searches, "query", "queries").c_str(),
                   with_separators(part.visited).c_str());
    if (part.scans > 0)
      std::fprintf(stderr, "; scan: %s, %s compared", counted(part.scans, "query", "queries").c_str(),
                   with_separators(part.scanned).c_str());
    std::fprintf(stderr, "\n");
  }
}

/// More queries without an answer than these are counted, and not named.
constexpr std::uint64_t most_named = 10;

/// Looks for the neighbours of queries and writes them, all that can be answered.
class query_run {
public:
  query_run(const search_options& options, const collection& in, hits_output& out)
    : options_(options), in_(in), out_(out) {}

  void take(std::vector<query>& queries) {
    auto reply = options_.text.empty() ? neighbours(queries) : neighbours_and_words(queries);
    if (!reply && queries.size() > 1) {
      // One of them is at fault; the others are answered.
      for (auto& each : queries) {
        std::vector<query> alone{each};
        take(alone);
      }
      return;
    }
    if (reply && reply->explanation)
      show(*reply->explanation);
    for (std::size_t i = 0; i < queries.size(); ++i) {
      if (reply)
        out_.write(queries[i], without_itself(std::move(reply->results[i]), queries[i]));
      else
        refuse(queries[i], reply.error());
    }
  }

  void look_for_words() {
    const query words{.label = options_.text, .place = "--text"};
    if (auto found = in_.search_text(options_.text, asked({})))
      out_.write(words, *found);
    else
      refuse(words, found.error());
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
  result<search_reply> neighbours(const std::vector<query>& queries) const {
    std::vector<std::vector<float>> vectors;
    for (const auto& each : queries)
      vectors.push_back(each.vector);
    return in_.search(vectors, asked(queries));
  }

  result<search_reply> neighbours_and_words(const std::vector<query>& queries) const {
    search_reply all;
    for (const auto& each : queries) {
      auto found = in_.search_hybrid(each.vector, options_.text, asked(queries));
      if (!found)
        return found.error();
      all.results.push_back(*std::move(found));
    }
    return all;
  }

  lodge::search_options asked(const std::vector<query>& queries) const {
    const auto with_itself = std::ranges::any_of(queries, [](const query& each) { return each.itself; });
    const auto one_more = with_itself && options_.k >= 0 && options_.k < INT64_MAX;
    return {.k = options_.k + (one_more ? 1 : 0),
            .ef = options_.ef,
            .exact = options_.exact,
            .with_metadata = true,
            .timeout = no_timeout,
            .filter = options_.where,
            .radius = options_.within,
            .explain = options_.explain};
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

score_meaning meaning_of(const search_options& options, metric measured_by) {
  if (options.text.empty())
    return cli::meaning_of(measured_by);
  return options.queries.empty() ? score_of_words : score_of_both;
}

int search(const search_options& options) {
  auto opened = open_collection_to_read(options.file, options.collection);
  if (!opened)
    return report(opened.error());
  const auto& chosen = opened->chosen;
  const auto info = chosen.info();
  if (!info)
    return report(info.error());
  auto out = hits_output::open(options.output, meaning_of(options, info->metric), options.k);
  if (!out)
    return report(out.error());
  query_run run{options, chosen, *out};
  if (options.queries.empty() && !options.text.empty()) {
    run.look_for_words();
    return run.code();
  }
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
  command
    ->add_option("--text", options->text,
                 "Items with any of these words in the collection's text fields, the best first; \"new york\" is a "
                 "phrase, mus* the beginning of a word. Beside other queries: one list of both, by reciprocal rank "
                 "fusion")
    ->type_name("WORDS");
  command->add_option("-k", options->k, "Hits a query")->check(CLI::Range(0, 1'000'000))->capture_default_str();
  command->add_option("--ef", options->ef, "Candidates of the graph search: more find more, slower")
    ->check(CLI::Range(1, 1'000'000))
    ->capture_default_str();
  command->add_flag("--exact", options->exact, "Compare with every vector");
  command
    ->add_option(
      "--where", options->where,
      "Only items whose metadata matches this JSON; $eq $ne $gt $gte $lt $lte $in $nin $exists $and $or $not")
    ->type_name("FILTER");
  command->add_option("--within", options->within, "Only hits with this score or a nearer one, up to k")
    ->type_name("SCORE");
  command->add_flag("--explain", options->explain, "Say on standard error how it was done");
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
    "  lodge search shop.lodge items --text 'red shoes' --like sandal\n"
    "  lodge search words.lodge words --queries queries.fvecs --output ivecs --keys words.txt > found.ivecs\n"
    "  lodge search films.lodge films alien --where '{\"year\": {\"$gte\": 1970}, \"genre\": \"horror\"}'");
  command->callback([options, &code] { code = search(*options); });
}

} // namespace lodge::cli
