// lodge_bench: lodge beside FAISS, hnswlib and SQLite. `bench/run.sh` builds and runs it; bench/README.md explains.

#include "bench/convert.hpp"
#include "bench/machine.hpp"
#include "bench/parts.hpp"
#include "bench/report.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>

namespace lodge::bench {

namespace {

const std::vector<std::string> parts_with_index_files{"build", "search", "exact", "open"};
const std::vector<std::string> parts_with_data{"build", "search", "exact", "filters", "forms", "open"};

/// A part that has data of its own.
struct other_part {
  std::string name;
  std::string what;
  void (*run)(const run_options&, journal&);
};

const std::vector<other_part> other_parts{{"text", "putting and searching words", text_part},
                                          {"write", "writing", write_part},
                                          {"mixed", "searching beside puts and compactions", mixed_part},
                                          {"churn", "replacing all content", churn_part},
                                          {"timeline", "searching for a minute", timeline_part},
                                          {"processes", "several processes", processes_part},
                                          {"holder", "putting into views", holder_part}};

void say(const std::string& what) { std::fprintf(stderr, "lodge_bench: %s\n", what.c_str()); }

void run_on(const run_options& options, const std::string& name, journal& out) {
  auto choice = options.choice;
  choice.name = name;
  const auto data = load_data(choice);
  out.write({{"part", "data"},
             {"data", name},
             {"rows", data.rows.rows()},
             {"queries", data.queries.rows()},
             {"dimension", data.rows.dimension},
             {"metric", to_string(data.metric)}});
  if (std::ranges::any_of(parts_with_index_files, [&](const auto& part) { return options.has(part); })) {
    say(name + ": building");
    build_part(options, choice, out);
  }
  if (options.has("search")) {
    say(name + ": searching");
    search_part(options, data, out);
  }
  if (options.has("exact")) {
    say(name + ": scanning");
    exact_part(options, data, out);
  }
  if (options.has("filters")) {
    say(name + ": searching with filters");
    filter_part(options, data, out);
  }
  if (options.has("forms")) {
    say(name + ": searching vectors of other forms");
    form_part(options, data, out);
  }
  if (options.has("open")) {
    say(name + ": opening");
    open_part(options, data, out);
  }
}

void run(const run_options& options) {
  std::filesystem::create_directories(options.out);
  journal out{journal_of(options.out)};
  out.write(machine_line(options));
  if (std::ranges::any_of(parts_with_data, [&](const auto& part) { return options.has(part); }))
    for (const auto& name : options.data)
      run_on(options, name, out);
  for (const auto& [name, what, run_part] : other_parts)
    if (options.has(name)) {
      say(what);
      run_part(options, out);
    }
}

void add_data_options(CLI::App& to, data_choice& choice) {
  to.add_option("--rows", choice.rows, "At most so many rows; 0: all");
  to.add_option("--shipped", choice.shipped, "Folder with the words that ship")->capture_default_str();
  to.add_option("--full", choice.full, "The full words, made by `convert`")->capture_default_str();
}

} // namespace

} // namespace lodge::bench

int main(int argc, char** argv) {
  using namespace lodge::bench;
  CLI::App app{"Measures lodge beside FAISS, hnswlib and SQLite", "lodge_bench"};
  app.require_subcommand(1);

  run_options options;
  double time = options.time.count();
  auto* run_command = app.add_subcommand("run", "Measure, and write a JSON object a figure to OUT/lines.jsonl");
  run_command->add_option("--data", options.data, "Which data")
    ->check(CLI::IsMember({"words", "mixture", "real", "full", "wide", "million"}))
    ->capture_default_str();
  run_command->add_option("--only", options.parts, "Which parts")
    ->check(CLI::IsMember(all_parts()))
    ->capture_default_str();
  run_command->add_option("--out", options.out, "Folder to write to; its disk is measured")->capture_default_str();
  run_command->add_option("--repeats", options.repeats, "Times that each figure is taken")
    ->check(CLI::Range(1, 100))
    ->capture_default_str();
  run_command->add_option("--time", time, "Seconds of each measured stretch")
    ->check(CLI::Range(0.01, 600.0))
    ->capture_default_str();
  run_command->add_flag("--reuse", options.reuse, "Take the index files that an earlier run left in OUT");
  run_command->add_option("--most-rows", options.most_rows, "Leave out larger collections in the parts holder and text")
    ->capture_default_str();
  run_command->add_option("--puts", options.puts, "Single puts in the part churn")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  run_command->add_option("--commit", options.commit, "Said in the report");
  run_command->add_option("--packages", options.packages, "Versions, said in the report");
  add_data_options(*run_command, options.choice);

  std::string folder;
  auto* curves_command = app.add_subcommand("curves", "Write OUT/curve-DATA.dat, for gnuplot, from OUT/lines.jsonl");
  curves_command->add_option("out", folder)->required();
  auto* report_command = app.add_subcommand("report", "Write OUT/RESULTS.md, and show it, from OUT/lines.jsonl");
  report_command->add_option("out", folder)->required();

  std::string from;
  std::string to;
  auto* convert_command = app.add_subcommand("convert", "Make an .fvecs file of the full words");
  convert_command->add_option("json", from)->required();
  convert_command->add_option("fvecs", to)->required();

  std::string contestant;
  std::string file;
  auto* build_command = app.add_subcommand("build-one", "Build one index (the child process of `run`)");
  build_command->add_option("--contestant", contestant)->required();
  build_command->add_option("--file", file)->required();
  build_command->add_option("--data", options.choice.name)->required();
  add_data_options(*build_command, options.choice);

  std::size_t dimension = 0;
  auto* open_command = app.add_subcommand("open-one", "Open one index and search it (the child process of `run`)");
  open_command->add_option("--contestant", contestant)->required();
  open_command->add_option("--file", file)->required();
  open_command->add_option("--dimension", dimension)->required();

  std::string what;
  unsigned number = 0;
  auto* process_command = app.add_subcommand("process-one", "Use one file with others (the child process of `run`)");
  process_command->add_option("--what", what)->required();
  process_command->add_option("--file", file)->required();
  process_command->add_option("--number", number)->required();
  process_command->add_option("--time", time)->required();

  CLI11_PARSE(app, argc, argv);
  options.time = seconds{time};
  if (*run_command)
    run(options);
  if (*build_command)
    build_child(contestant, options.choice, file);
  if (*open_command)
    open_child(contestant, dimension, file);
  if (*process_command)
    process_child(what, file, number, options.time);
  if (*curves_command)
    write_curves(folder);
  if (*report_command)
    write_report(folder);
  if (*convert_command)
    convert_words(from, to);
}
