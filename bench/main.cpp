// lodge_bench: lodge beside FAISS, hnswlib and SQLite. `bench/run.sh` builds and runs it; bench/README.md explains.

#include "bench/fail.hpp"
#include "bench/parts.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>

namespace lodge::bench {

namespace {

void run(const run_options& options) {
  std::filesystem::create_directories(options.out);
  journal out{options.out + "/lines.jsonl"};
  for (const auto& name : options.data) {
    auto choice = options.choice;
    choice.name = name;
    if (options.has("build") || options.has("search") || options.has("open"))
      build_part(options, choice, out);
    if (!options.has("search"))
      continue;
    search_part(options, load_data(choice), out);
  }
  if (options.has("write"))
    write_part(options, out);
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
    ->check(CLI::IsMember({"words", "mixture", "full"}))
    ->capture_default_str();
  run_command->add_option("--only", options.parts, "Which parts")
    ->check(CLI::IsMember({"build", "search", "open", "write", "holder"}))
    ->capture_default_str();
  run_command->add_option("--out", options.out, "Folder to write to; its disk is measured")->capture_default_str();
  run_command->add_option("--repeats", options.repeats, "Times that each figure is taken")
    ->check(CLI::Range(1, 100))
    ->capture_default_str();
  run_command->add_option("--time", time, "Seconds of each measured stretch")
    ->check(CLI::Range(0.01, 600.0))
    ->capture_default_str();
  run_command->add_flag("--reuse", options.reuse, "Take the index files that an earlier run left in OUT");
  add_data_options(*run_command, options.choice);

  std::string contestant;
  std::string file;
  auto* build_command = app.add_subcommand("build-one", "Build one index (the child process of `run`)");
  build_command->add_option("--contestant", contestant)->required();
  build_command->add_option("--file", file)->required();
  build_command->add_option("--data", options.choice.name)->required();
  add_data_options(*build_command, options.choice);

  CLI11_PARSE(app, argc, argv);
  options.time = seconds{time};
  if (*run_command)
    run(options);
  if (*build_command)
    build_child(contestant, options.choice, file);
}
