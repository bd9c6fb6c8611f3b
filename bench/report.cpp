#include "bench/report.hpp"

#include "bench/fail.hpp"
#include "bench/journal.hpp"
#include "bench/markdown.hpp"

#include <fstream>
#include <iostream>

namespace lodge::bench {

namespace {

std::ofstream create(const std::string& file) {
  std::ofstream out{file};
  if (!out)
    fail(file + " cannot be written");
  return out;
}

/// A line a bin: second, queries/s, p50 and p99 in ms, whether the compactor was at work, bases published so far.
void write_timeline(const figures& bins, const std::string& folder) {
  if (bins.empty())
    return;
  auto out = create(folder + "/timeline.dat");
  for (const auto& bin : bins.lines())
    out << bin.at("second").get<double>() << ' ' << bin.at("qps").get<double>() << ' '
        << bin.at("p50_us").get<double>() / 1e3 << ' ' << bin.at("p99_us").get<double>() / 1e3 << ' '
        << (bin.at("compactor") == "idle" ? 0 : 1) << ' ' << bin.at("compactions").get<int>() << '\n';
}

} // namespace

std::string machine_section(const figures& all) {
  const auto machines = all.where({{"part", "machine"}});
  if (machines.empty())
    fail("the journal has no line of the part 'machine': expected it as the first");
  const auto& m = machines.first();
  const auto text = [&](const char* member) { return m.at(member).get<std::string>(); };
  const auto figure = [&](const char* member) { return number(m.at(member).get<double>()); };
  return "# Results\n\nWritten by `bench/run.sh`; [README.md](README.md) says what each figure means. Medians of "
    + std::to_string(m.at("repeats").get<int>()) + " (least–most in brackets), stretches of " + figure("stretch_s")
    + " s.\n\n- " + text("date") + ", commit " + text("commit") + "\n- " + text("processor") + ", "
    + std::to_string(m.at("cores").get<int>()) + " cores, " + text("kernel") + ", files on " + text("file_system")
    + "; load before the run " + figure("load_before") + "\n- " + text("compiler") + ", Release; FAISS " + text("faiss")
    + ", SQLite " + text("sqlite") + "\n- packages: " + text("packages") + "\n- HNSW: M "
    + std::to_string(m.at("m").get<int>()) + ", efConstruction " + std::to_string(m.at("ef_construction").get<int>())
    + ", built with one thread; mixture: seed " + std::to_string(m.at("mixture_seed").get<std::uint64_t>()) + ", "
    + std::to_string(m.at("mixture_centres").get<int>()) + " centres, spread " + figure("mixture_spread") + "\n";
}

void write_report(const std::string& folder) {
  const figures all{read_journal(journal_of(folder))};
  const auto text = machine_section(all) + aims_section(all) + build_section(all) + search_section(all, folder)
    + exact_section(all) + filter_section(all) + form_section(all) + open_section(all) + text_section(all)
    + write_section(all) + mixed_section(all) + churn_section(all) + timeline_section(all, folder)
    + processes_section(all) + holder_section(all);
  create(folder + "/RESULTS.md") << text;
  std::cout << text;
}

void write_curves(const std::string& folder) {
  const figures all{read_journal(journal_of(folder))};
  write_timeline(all.where({{"part", "timeline"}}), folder);
  const auto curves = all.where({{"part", "curve"}});
  for (const auto& data : curves.values_of("data")) {
    auto out = create(folder + "/curve-" + data.get<std::string>() + ".dat");
    const auto of_data = curves.where({{"data", data}});
    int blocks = 0;
    for (const auto& contestant : of_data.values_of("contestant")) {
      const auto mine = of_data.where({{"contestant", contestant}});
      out << (blocks++ == 0 ? "" : "\n\n") << '"' << contestant.get<std::string>() << "\"\n";
      for (const auto& ef : mine.values_of("ef")) {
        const auto point = mine.where({{"ef", ef}});
        out << point.of("recall").median << ' ' << point.of("qps").median << '\n';
      }
    }
  }
}

} // namespace lodge::bench
