#include "tests/torture/worker.hpp"

#include "tests/torture/client.hpp"
#include "tests/torture/outcry.hpp"
#include "tests/torture/points.hpp"

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

namespace lodge::torture {

namespace {

volatile std::sig_atomic_t told_to_end = 0;

constexpr std::uint32_t fewest_steps = 30;
constexpr std::uint32_t most_steps = 400;

/// Whether the error passes by itself: another process is creating the file, or was stopped while it held a lock.
bool passes(errc code) { return code == errc::busy || code == errc::deadline_exceeded || code == errc::unavailable; }

/// Calls until it succeeds; nothing if the process is told to end meanwhile.
template <class Call>
auto insist(const std::string& doing, Call call) -> std::optional<std::decay_t<decltype(*call())>> {
  while (told_to_end == 0) {
    auto done = call();
    if (done)
      return *std::move(done);
    if (!passes(done.error().code))
      cry_out(doing + " got " + to_string(done.error()));
  }
  return std::nullopt;
}

void use(database& db, collection& things, std::vector<client>& clients, std::uint32_t steps) {
  std::vector<std::jthread> threads;
  for (auto& each : clients)
    threads.emplace_back([&] {
      for (std::uint32_t i = 0; i < steps && told_to_end == 0; ++i)
        each.step(db, things);
    });
}

} // namespace

std::vector<std::string> to_words(const assignment& what) {
  return {what.database,
          std::to_string(what.seed),
          std::to_string(what.processes),
          std::to_string(what.number),
          std::to_string(what.life),
          what.dies_at};
}

std::optional<assignment> to_assignment(const std::vector<std::string>& words) {
  if (words.size() != 6)
    return std::nullopt;
  const auto number = [&](std::size_t at) { return static_cast<unsigned>(std::stoul(words[at])); };
  return assignment{words[0], std::stoull(words[1]), number(2), number(3), number(4), words[5]};
}

database_options options_of_workers() {
  database_options options;
  options.auto_compaction = {120, 5, 40};
  // Small, so that segments fill, and keep their dead for a while.
  options.largest_segment = 500;
  options.restart_delay = std::chrono::milliseconds{5};
  return options;
}

result<collection> open_things(database& db) {
  return db.collection(things_name, {.dimension = dimension, .metric = metric::l2, .m = 128, .ef_construction = 40});
}

int work(const assignment& what) {
  std::signal(SIGTERM, [](int) { told_to_end = 1; });
  bool hurries = false;
  if (!what.dies_at.empty()) {
    const auto where = parse_point(what.dies_at);
    if (!where)
      cry_out("there is no point '" + what.dies_at + "'");
    strike_at(*where, SIGKILL);
    hurries = is_of_compaction(where->statement);
  }
  const cell_list cells{what.processes * clients_a_process};
  const journal notes{journal_of(what.database, what.number)};
  std::vector<client> clients;
  for (unsigned i = 0; i < clients_a_process; ++i)
    clients.emplace_back(cells, notes, client_name{what.number * clients_a_process + i, what.life}, what.seed);
  if (hurries)
    clients.front().prefer_compactions();
  auto random = generator(what.seed, what.number, what.life);
  while (told_to_end == 0) {
    auto db = insist("open", [&] { return database::open(what.database, options_of_workers()); });
    if (!db)
      break;
    auto things = insist("collection", [&] { return open_things(*db); });
    if (!things)
      break;
    use(*db, *things, clients, fewest_steps + static_cast<std::uint32_t>(random() % (most_steps - fewest_steps)));
    if (const auto closed = db->close(); !closed)
      cry_out("close got " + to_string(closed.error()));
  }
  return 0;
}

} // namespace lodge::torture
