#include "bench/child.hpp"
#include "bench/fail.hpp"
#include "bench/memory.hpp"
#include "bench/parts.hpp"

#include <iostream>
#include <omp.h>

namespace lodge::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t ef_of_answers = 100;
constexpr std::size_t searches_before_memory = 1'000;

double milliseconds_of(const child_line& line) { return std::chrono::duration<double, std::milli>(line.after).count(); }

} // namespace

void open_part(const run_options& options, const dataset& data, journal& out) {
  for (unsigned repeat = 0; repeat < options.repeats; ++repeat)
    for (const auto& each : builders()) {
      const auto lines =
        run_child({"open-one", "--contestant", each.name, "--file", options.index_file(each, data.name), "--dimension",
                   std::to_string(data.rows.dimension)});
      if (lines.size() != 3)
        fail("opening " + each.name + " gave " + std::to_string(lines.size()) + " lines, expected 3");
      json line{{"part", "open"},
                {"data", data.name},
                {"rows", data.rows.rows()},
                {"contestant", each.name},
                {"repeat", repeat},
                {"answer_ms", milliseconds_of(lines[0])},
                {"ready_ms", milliseconds_of(lines[1])}};
      line.update(json::parse(lines[2].text));
      out.write(line);
    }
}

void open_child(const std::string& contestant, std::size_t dimension, const std::string& file) {
  omp_set_num_threads(1);
  const auto index = builder_named(contestant).open(file, dimension);
  index->set_ef(ef_of_answers);
  mixture how;
  how.dimension = dimension;
  how.centres = 10;
  how.rows = 0;
  const auto queries = draw(how).queries;
  index->search(queries.row(0), k);
  std::cout << "answered" << std::endl;
  index->wait_until_ready();
  std::cout << "ready" << std::endl;
  for (std::size_t i = 0; i < searches_before_memory; ++i)
    index->search(queries.row(i % queries.rows()), k);
  std::cout << json{{"memory_kib", resident_kib()}, {"memory_peak_kib", peak_kib()}} << std::endl;
}

} // namespace lodge::bench
