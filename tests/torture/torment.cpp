#include "tests/torture/torment.hpp"

#include "tests/torture/points.hpp"
#include "tests/torture/worker.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

namespace lodge::torture {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr unsigned kills_a_round = 24;
constexpr seconds longest_round{8};
constexpr unsigned rounds_a_file = 5;
constexpr std::size_t most_entries_a_life = 150;
constexpr milliseconds longest_life{3'000};
constexpr milliseconds longest_wait_for_point{2'000};
constexpr seconds longest_ending{60};
constexpr seconds longest_reading{120};
constexpr milliseconds step{2};
constexpr auto never = std::chrono::steady_clock::time_point::max();

bool complain(const std::string& what) {
  std::fprintf(stderr, "torture: %s\n", what.c_str());
  return false;
}

} // namespace

unsigned tally::point_kills() const {
  unsigned sum = 0;
  for (const auto& [name, count] : points)
    sum += count;
  return sum;
}

torment::torment(const plan& what, std::string directory)
  : plan_(what),
    directory_(std::move(directory)),
    cells_(what.processes * clients_a_process),
    random_(generator(what.seed, 1'000'000)),
    begun_(clock::now()) {}

bool torment::run() {
  for (; !is_over(); ++tally_.rounds) {
    if (tally_.rounds % rounds_a_file == 0)
      start_new_file();
    if (!play_round() || !compare())
      return complain("in round " + std::to_string(tally_.rounds) + ", the file is " + database_);
  }
  return true;
}

bool torment::is_over() const {
  return (plan_.kills > 0 && tally_.kills() >= plan_.kills)
    || (plan_.seconds > 0 && clock::now() - begun_ >= std::chrono::duration<double>{plan_.seconds});
}

void torment::start_new_file() {
  if (!database_.empty())
    std::filesystem::remove_all(std::filesystem::path{database_}.parent_path());
  const auto directory = directory_ + "/file" + std::to_string(tally_.files++);
  std::filesystem::create_directory(directory);
  database_ = directory + "/torture.lodge";
  history_ = std::make_unique<history>(cells_);
  entries_read_.assign(plan_.processes, 0);
}

std::string torment::choose_point(bool at_birth) {
  if (!plan_.faults.points || (!at_birth && below(2) == 0))
    return {};
  const auto& names = at_birth ? points_of_birth() : points_of_life();
  point made;
  made.statement = names[below(names.size())];
  made.when = static_cast<point::moment>(below(moments().size()));
  made.nth = 1 + static_cast<unsigned>(at_birth ? 0 : below(3));
  made.write = 1 + static_cast<unsigned>(below(4));
  return to_string(made);
}

torment::victim torment::start(unsigned number, bool at_birth) {
  assignment told{database_, plan_.seed, plan_.processes, number, lives_[number]++, choose_point(at_birth)};
  std::vector<std::string> command{"/proc/self/exe", "work"};
  for (auto& word : to_words(told))
    command.push_back(std::move(word));
  const auto now = clock::now();
  victim made{process{command}, number, told.dies_at, SIZE_MAX, never, never, never};
  if (!told.dies_at.empty()) {
    made.killed_at = now + longest_wait_for_point;
  } else if (plan_.faults.kill && below(6) == 0) {
    // While it opens the file.
    made.killed_at = now + milliseconds{below(60)};
  } else if (plan_.faults.kill) {
    made.killed_with = entries_in(journal(number)) + 1 + below(most_entries_a_life);
    made.killed_at = now + longest_life;
  }
  if (plan_.faults.stop && below(3) == 0) {
    made.stopped_at = now + milliseconds{below(600)};
    made.continued_at = made.stopped_at + milliseconds{1 + below(below(8) == 0 ? 800 : 60)};
  }
  return made;
}

bool torment::replace(victim& of, int status) {
  if (!was_killed(status))
    return complain("process " + std::to_string(of.number) + (of.point.empty() ? "" : " with point " + of.point)
                    + " ended with " + describe(status));
  of = start(of.number, false);
  return true;
}

bool torment::attend(victim& of) {
  const auto now = clock::now();
  if (const auto status = of.running.ended()) {
    if (was_killed(*status))
      ++tally_.points[of.point.substr(0, of.point.find(':', of.point.find(':') + 1))];
    return replace(of, *status);
  }
  if (now >= of.killed_at || entries_in(journal(of.number)) >= of.killed_with) {
    const auto status = of.running.kill();
    ++tally_.random_kills;
    return replace(of, status);
  }
  if (!of.is_stopped && now >= of.stopped_at && now < of.continued_at) {
    of.running.send(SIGSTOP);
    of.is_stopped = true;
    ++tally_.stops;
  } else if (of.is_stopped && now >= of.continued_at) {
    of.running.send(SIGCONT);
    of.is_stopped = false;
    of.stopped_at = clock::time_point::max();
  }
  return true;
}

bool torment::play_round() {
  const auto begun = clock::now();
  const auto kills_before = tally_.kills();
  const auto is_new = tally_.rounds % rounds_a_file == 0;
  std::vector<victim> victims;
  for (unsigned number = 0; number < plan_.processes; ++number)
    victims.push_back(start(number, is_new && number % 2 == 0));
  while (!is_over() && clock::now() - begun < longest_round && tally_.kills() - kills_before < kills_a_round) {
    for (auto& each : victims)
      if (!attend(each))
        return false;
    std::this_thread::sleep_for(step);
  }
  return end_all(victims);
}

/// Some are asked to end, and some are killed while those close.
bool torment::end_all(std::vector<victim>& victims) {
  const auto all_killed = plan_.faults.kill && below(4) == 0;
  for (auto& each : victims) {
    if (all_killed || (plan_.faults.kill && below(2) == 0)) {
      each.running.kill();
      ++tally_.random_kills;
    } else {
      each.running.send(SIGCONT);
      each.running.send(SIGTERM);
    }
  }
  for (auto& each : victims) {
    const auto status = each.running.wait(longest_ending);
    if (!status)
      return complain("process " + std::to_string(each.number) + " does not end");
    // SIGTERM ends one that has not come to its `main` yet.
    if (*status != 0 && !was_killed(*status) && *status != SIGTERM)
      return complain("process " + std::to_string(each.number) + " ended with " + describe(*status));
    if (was_killed(*status) && !each.point.empty() && !plan_.faults.kill)
      ++tally_.points[each.point];
  }
  return true;
}

std::vector<entry> torment::news() {
  std::vector<entry> all;
  for (unsigned number = 0; number < plan_.processes; ++number) {
    const auto its = read_journal(journal(number), entries_read_[number]);
    entries_read_[number] += its.size();
    all.insert(all.end(), its.begin(), its.end());
  }
  return all;
}

bool torment::compare() {
  process reader{{"/proc/self/exe", "observe", database_, std::to_string(plan_.processes * clients_a_process)}};
  const auto status = reader.wait(longest_reading);
  if (!status || *status != 0)
    return complain("reading the file at rest ended with " + (status ? describe(*status) : "nothing"));
  const auto noted = news();
  std::size_t asked = 0;
  for (const auto& each : noted) {
    asked += each.how == entry::stage::asked ? 1 : 0;
    tally_.acknowledged += each.how == entry::stage::done ? 1 : 0;
    if (each.how == entry::stage::refused)
      ++tally_.refused[to_string(each.why)];
    if (each.how == entry::stage::done || each.how == entry::stage::refused)
      --asked;
  }
  tally_.unanswered += asked;
  const auto wrong = history_->compare(noted, read_state(state_of(database_)));
  for (const auto& each : wrong)
    complain(each);
  return wrong.empty();
}

} // namespace lodge::torture
