#include "bench/child.hpp"
#include "bench/fail.hpp"
#include "bench/memory.hpp"
#include "bench/parts.hpp"

#include <filesystem>
#include <iostream>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

/// Builds of more rows take too long to be repeated.
constexpr std::size_t most_rows_repeated = 20'000;

void remove_index(const std::string& file) {
  for (const auto* ending : {"", "-wal", "-shm", "-lodge"})
    std::filesystem::remove(file + ending);
}

bool reusable(const run_options& options, const data_choice& data) {
  return options.reuse && std::ranges::all_of(builders_on(data.name), [&](const competitor& each) {
           return std::filesystem::exists(options.index_file(each, data.name));
         });
}

} // namespace

void build_part(const run_options& options, const data_choice& data, journal& out) {
  if (reusable(options, data))
    return;
  const auto rows = load_data(data).rows.rows();
  const auto repeats = options.has("build") && rows <= most_rows_repeated ? options.repeats : 1;
  for (unsigned repeat = 0; repeat < repeats; ++repeat)
    for (const auto& each : builders_on(data.name)) {
      const auto file = options.index_file(each, data.name);
      remove_index(file);
      const auto lines =
        run_child({"build-one", "--contestant", each.name, "--file", file, "--data", data.name, "--rows",
                   std::to_string(data.rows), "--shipped", data.shipped, "--full", data.full});
      if (lines.size() != 1)
        fail("building " + each.name + " gave " + std::to_string(lines.size()) + " lines, expected one");
      json line{{"part", "build"}, {"data", data.name}, {"rows", rows}, {"contestant", each.name}, {"repeat", repeat}};
      line.update(json::parse(lines.front().text));
      line["file_bytes"] = std::filesystem::file_size(file);
      out.write(line);
    }
}

void build_child(const std::string& contestant, const data_choice& choice, const std::string& file) {
  const auto data = load_data(choice);
  forget_peak();
  const auto before = resident_kib();
  const auto times = builder_named(contestant).build(data, file);
  std::cout << json{{"rows_s", times.rows.count()},
                    {"graph_s", times.graph.count()},
                    {"total_s", (times.rows + times.graph).count()},
                    {"memory_before_kib", before},
                    {"memory_peak_kib", peak_kib()}}
            << std::endl;
}

} // namespace lodge::bench
