// Several processes write, update, remove and search one collection of one file, with automatic compaction; in the end
// every one of them sees exactly what all of them were answered.
//
//   general_test [DATABASE [SECONDS [PROCESSES [SEED]]]]      default: a new file, 5 s, 6 processes, seed 1

#include "model.hpp"
#include "observer.hpp"
#include "process.hpp"
#include "worker.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

namespace {

using namespace general_test;

int fail(const std::string& why) {
  std::fprintf(stderr, "general_test: %s\n", why.c_str());
  return 1;
}

std::vector<std::string> command_of(const plan& what, unsigned number) {
  return {"/proc/self/exe",
          what.path,
          std::to_string(what.seconds),
          std::to_string(what.processes),
          std::to_string(what.seed),
          std::to_string(number)};
}

double at(const std::vector<double>& ascending, double part) {
  return ascending.empty() ? 0 : ascending[static_cast<std::size_t>(part * static_cast<double>(ascending.size() - 1))];
}

/// Where two states first differ.
std::string difference(const std::string& expected, const std::string& seen) {
  std::istringstream left{expected};
  std::istringstream right{seen};
  for (std::string a, b;;) {
    if (!std::getline(left, a))
      a = "nothing";
    if (!std::getline(right, b))
      b = "nothing";
    if (a != b || a == "nothing")
      return "expected '" + a + "', it has '" + b + "'";
  }
}

int run(const plan& what) {
  std::filesystem::remove(what.path);
  for (const auto* suffix : {"-wal", "-shm", "-lodge"})
    std::filesystem::remove(what.path + suffix);
  auto db = lodge::database::open(what.path);
  if (!db)
    return fail(to_string(db.error()));
  auto things = open_things(*db);
  if (!things)
    return fail(to_string(things.error()));

  std::vector<process> workers;
  for (unsigned i = 0; i < what.processes; ++i)
    workers.emplace_back(command_of(what, i));
  const auto seen = observe(*things, now_ns() + static_cast<std::int64_t>((what.seconds + 1) * 1e9));
  if (!seen)
    return fail(to_string(seen.error()));
  std::uint64_t last = 0;
  std::size_t calls = 0;
  for (auto& each : workers) {
    std::istringstream line{each.read_line()};
    std::string word;
    std::uint64_t number = 0;
    std::size_t made = 0;
    if (!(line >> word >> number >> made) || word != "written")
      return fail("a process ended before its time");
    last = std::max(last, number);
    calls += made;
  }
  const auto searched = things->search(std::vector<std::vector<float>>{query_of(0)}, {.k = 1});
  if (!searched)
    return fail(to_string(searched.error()));
  for (auto& each : workers)
    each.write_line(std::to_string(searched->as_of.file) + ' ' + std::to_string(last));
  for (auto& each : workers)
    if (const auto code = each.wait(); code != 0)
      return fail("a process ended with " + std::to_string(code));

  std::vector<change> changes;
  for (unsigned i = 0; i < what.processes; ++i)
    for (const auto& each : read_journal(what.journal_of(i)))
      changes.push_back(each);
  const auto open = unanswered_keys(changes);
  const auto merged = merge(changes);
  const auto expected = expected_state(merged, open);
  for (unsigned i = 0; i < what.processes; ++i)
    if (const auto state = seen_state(what.state_of(i), open); state != expected)
      return fail("process " + std::to_string(i) + " does not agree: " + difference(expected, state));
  const auto stats = things->stats();
  if (!stats)
    return fail(to_string(stats.error()));
  const auto times = latencies(merged, *seen);
  std::printf("%u processes agree on %llu items after %zu acknowledged writes (%zu unanswered)\n", what.processes,
              static_cast<unsigned long long>(stats->items), merged.size(), changes.size() - merged.size());
  std::printf("%.0f writes/s, %.0f calls/s, base version %llu\n", static_cast<double>(merged.size()) / what.seconds,
              static_cast<double>(calls) / what.seconds, static_cast<unsigned long long>(stats->base_version));
  std::printf("commit to visible in another process: p50 %.2f ms, p99 %.2f ms\n", at(times, 0.5), at(times, 0.99));
  for (unsigned i = 0; i < what.processes; ++i) {
    std::filesystem::remove(what.journal_of(i));
    std::filesystem::remove(what.state_of(i));
  }
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  plan what;
  what.path = argc > 1 ? argv[1] : (std::filesystem::temp_directory_path() / "general_test.lodge").string();
  what.seconds = argc > 2 ? std::atof(argv[2]) : what.seconds;
  what.processes = argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : what.processes;
  what.seed = argc > 4 ? static_cast<std::uint32_t>(std::atoi(argv[4])) : what.seed;
  if (argc > 5)
    return work(what, static_cast<unsigned>(std::atoi(argv[5])));
  return run(what);
}
