#include "bench/child.hpp"
#include "bench/evict.hpp"
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

using milliseconds = std::chrono::duration<double, std::milli>;

double milliseconds_of(const child_line& line) { return milliseconds{line.after}.count(); }

/// Vectors and links, which an index cannot do without: of each row 2 M links on the lowest level, and M on each of the
/// 1 / (M - 1) levels above it that a row has on average.
double needed_bytes(const matrix& rows) {
  const auto m = static_cast<double>(graph_m);
  return static_cast<double>(rows.rows()) * 4 * (static_cast<double>(rows.dimension) + 2 * m + m / (m - 1));
}

} // namespace

void open_part(const run_options& options, const dataset& data, journal& out) {
  for (unsigned repeat = 0; repeat < options.repeats; ++repeat)
    for (const auto* cache : {"cold", "warm"})
      for (const auto& each : builders_on(data.name)) {
        const auto file = options.index_file(each, data.name);
        const auto cached = cache == std::string{"cold"} ? evict(file) : 1.0;
        const auto lines = run_child(
          {"open-one", "--contestant", each.name, "--file", file, "--dimension", std::to_string(data.rows.dimension)});
        if (lines.size() != 3)
          fail("opening " + each.name + " gave " + std::to_string(lines.size()) + " lines, expected 3");
        json line{{"part", "open"},
                  {"data", data.name},
                  {"rows", data.rows.rows()},
                  {"contestant", each.name},
                  {"cache", cache},
                  {"cached_share", cached},
                  {"repeat", repeat},
                  {"answer_ms", milliseconds_of(lines[0])},
                  {"ready_ms", milliseconds_of(lines[1])},
                  {"needed_kib", needed_bytes(data.rows) / 1024}};
        line.update(json::parse(lines[2].text));
        out.write(line);
      }
}

void open_child(const std::string& contestant, std::size_t dimension, const std::string& file) {
  omp_set_num_threads(1);
  mixture how;
  how.dimension = dimension;
  how.centres = 10;
  how.rows = 0;
  const auto queries = draw(how).queries;
  const auto memory_before = resident_kib();
  const auto start = std::chrono::steady_clock::now();
  const auto index = builder_named(contestant).open(file, dimension);
  index->set_ef(ef_of_answers);
  index->search(queries.row(0), k);
  const milliseconds first = std::chrono::steady_clock::now() - start;
  std::cout << "answered" << std::endl;
  index->wait_until_ready();
  std::cout << "ready" << std::endl;
  for (std::size_t i = 0; i < searches_before_memory; ++i)
    index->search(queries.row(i % queries.rows()), k);
  std::cout << json{{"first_ms", first.count()},
                    {"memory_before_kib", memory_before},
                    {"memory_kib", resident_kib()},
                    {"memory_peak_kib", peak_kib()}}
            << std::endl;
}

} // namespace lodge::bench
