#include "tests/torture/torment.hpp"

#include "tests/torture/worker.hpp"

#include <algorithm>
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
constexpr std::size_t most_entries_a_life = 200;
constexpr std::size_t fewest_entries_a_round = 20;
constexpr milliseconds longest_life{10'000};
constexpr milliseconds longest_wait_for_point{4'000};
constexpr seconds longest_ending{60};
constexpr seconds longest_reading{120};
constexpr unsigned births_a_round = 3;
constexpr milliseconds step{2};
constexpr auto never = std::chrono::steady_clock::time_point::max();

bool complain(const std::string& what) {
  std::fprintf(stderr, "torture: %s\n", what.c_str());
  return false;
}

/// A point without its numbers.
std::string short_name(const std::string& of) { return of.substr(0, of.find(':', of.find(':') + 1)); }

/// Those that a process does all the time.
bool is_frequent(const std::string& statement) {
  return statement == "begin" || statement == "put" || statement == "log" || statement == "death"
    || statement == "number";
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
    if (!cut_births_short() || !play_round() || !compare())
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

bool torment::cut_births_short() {
  for (unsigned i = 0; plan_.faults.points && i < births_a_round; ++i)
    if (const auto where = next_of(points_of_birth_, statements_of_birth()); !cut_birth_short(where))
      return complain("after a death at " + to_string(where));
  return true;
}

bool torment::cut_birth_short(const point& where) {
  const auto directory = directory_ + "/birth";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directory(directory);
  const auto database = directory + "/torture.lodge";
  std::vector<std::string> command{"/proc/self/exe", "work"};
  for (auto& word : to_words({database, plan_.seed, 1, 0, 0, to_string(where)}))
    command.push_back(std::move(word));
  const auto status = process{command}.wait(longest_wait_for_point);
  if (status && !was_killed(*status))
    return complain("the process ended with " + describe(*status));
  ++(status ? tally_.points[short_name(to_string(where))] : tally_.random_kills);
  return read(database);
}

point torment::next_of(std::vector<point>& turns, const std::vector<std::string>& statements) {
  if (turns.empty()) {
    for (const auto& statement : statements)
      for (std::size_t when = 0; when < moments().size(); ++when)
        turns.push_back({statement, static_cast<point::moment>(when)});
    std::ranges::shuffle(turns, random_);
  }
  auto next = std::move(turns.back());
  turns.pop_back();
  next.nth = is_frequent(next.statement) ? 1 + static_cast<unsigned>(below(20)) : 1;
  next.write = 1 + static_cast<unsigned>(below(4));
  return next;
}

std::string torment::choose_point() {
  if (!plan_.faults.points || below(2) == 0)
    return {};
  return to_string(next_of(points_of_life_, statements_of_life()));
}

torment::victim torment::start(unsigned number) {
  assignment told{database_, plan_.seed, plan_.processes, number, lives_[number]++, choose_point()};
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
    made.killed_with = entries_in(journal(number)) + 1 + below(1 + below(most_entries_a_life));
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
  of = start(of.number);
  return true;
}

bool torment::attend(victim& of) {
  const auto now = clock::now();
  if (const auto status = of.running.ended()) {
    if (was_killed(*status))
      ++tally_.points[short_name(of.point)];
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
  std::vector<victim> victims;
  for (unsigned number = 0; number < plan_.processes; ++number)
    victims.push_back(start(number));
  const auto goes_on = [&] {
    return !is_over() && clock::now() - begun < longest_round && tally_.kills() - kills_before < kills_a_round;
  };
  // A round in which nothing was written would show nothing, however short the time.
  while (goes_on() || (!has_written() && clock::now() - begun < longest_ending)) {
    for (auto& each : victims)
      if (!attend(each))
        return false;
    std::this_thread::sleep_for(step);
  }
  return end_all(victims);
}

bool torment::has_written() const {
  std::size_t entries = 0;
  for (unsigned number = 0; number < plan_.processes; ++number)
    entries += entries_in(journal(number)) - entries_read_[number];
  return entries >= fewest_entries_a_round;
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
      ++tally_.points[short_name(each.point)];
  }
  return true;
}

bool torment::read(const std::string& database) {
  process reader{{"/proc/self/exe", "observe", database, std::to_string(plan_.processes * clients_a_process)}};
  const auto status = reader.wait(longest_reading);
  if (!status || *status != 0)
    return complain("reading the file at rest " + (status ? "ended with " + describe(*status) : "does not end"));
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
  if (!read(database_))
    return false;
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
