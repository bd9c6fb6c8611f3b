#include "tests/corruption/good_file.hpp"

#include "tests/corruption/child.hpp"
#include "tests/scenario/raw_file.hpp"

#include <lodge/database.hpp>

#include <random>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

namespace lodge::test {

namespace {

constexpr std::size_t items_before_base = 260;
constexpr std::size_t items_after_base = 40;

std::string key(std::size_t number) { return "key " + std::to_string(number); }

/// Values of both declared fields, one that is not declared, and a title of three words.
std::string made_metadata(std::size_t number, std::uint32_t seed) {
  constexpr std::array tags{"\"red\"", "\"green\"", "null", "[1]"};
  const auto word = [](std::size_t of) { return std::string{words[of % words.size()]}; };
  return std::string{"{\"n\": "}
    .append(std::to_string(seed % 40))
    .append(", \"tag\": ")
    .append(tags[seed % tags.size()])
    .append(", \"other\": ")
    .append(std::to_string(number % 5))
    .append(", \"title\": \"")
    .append(word(seed) + " " + word(seed / 8) + " " + word(seed / 64))
    .append("\"}");
}

/// Every tenth has no vector; some metadata fills several pages.
item made_item(std::size_t number, std::uint32_t round) {
  const auto seed = static_cast<std::uint32_t>(number * 7 + round);
  item made{key(number), some_vector(seed), {}};
  if (number % 10 == 9)
    made.vector.reset();
  if (number % 3 == 0)
    made.metadata = made_metadata(number, seed);
  if (number % 60 == 0)
    made.metadata = std::string{"\""}.append(6'000 + number, static_cast<char>('a' + number % 26)).append("\"");
  return made;
}

step puts(std::size_t collection, std::size_t first, std::size_t count, std::uint32_t round, std::size_t stride = 1) {
  step made{collection};
  for (std::size_t i = 0; i < count; ++i)
    made.puts.push_back(made_item(first + i * stride, round));
  return made;
}

step removals(std::size_t collection, std::size_t first, std::size_t count, std::size_t stride) {
  step made{collection};
  for (std::size_t i = 0; i < count; ++i)
    made.removals.push_back(key(first + i * stride));
  return made;
}

database_options only_on_request() {
  database_options options;
  options.auto_compaction.changes = 0;
  return options;
}

std::uint64_t run_step(const step& what, lodge::collection into) {
  std::uint64_t number = 0;
  if (!what.puts.empty())
    number = into.put(what.puts).or_exit().number;
  if (!what.removals.empty())
    number = into.remove(what.removals).or_exit().at.number;
  if (what.compact)
    into.compact().or_exit();
  return number;
}

/// Runs the steps, and gives the last numbers of each as text.
std::string run_steps(database db, const std::vector<step>& steps) {
  std::vector<lodge::collection> opened;
  for (std::size_t i = 0; i < collection_names.size(); ++i) {
    collection_options shape;
    shape.dimension = dimension;
    shape.metric = metrics[i];
    shape.ef_construction = 40;
    shape.fields = declared_fields;
    shape.text_fields = text_fields;
    opened.push_back(db.collection(collection_names[i], shape).or_exit());
  }
  std::string numbers;
  for (const auto& each : steps)
    numbers += std::to_string(run_step(each, opened[each.collection])) + " ";
  return numbers;
}

std::uint64_t last_number(const std::string& numbers) {
  std::istringstream in{numbers};
  std::uint64_t last = 0;
  for (std::uint64_t each = 0; in >> each;)
    last = each;
  return last;
}

std::string made_in_child(const std::function<std::string()>& work) {
  const auto ended = run_in_child(work, {});
  if (!ended.failure.empty())
    throw std::runtime_error{"the good file could not be made: " + ended.failure + ended.said};
  return ended.said;
}

} // namespace

std::vector<float> some_vector(std::uint32_t seed) {
  std::mt19937 random{seed};
  std::normal_distribution<float> normal;
  std::vector<float> made(dimension);
  for (auto& value : made)
    value = normal(random);
  return made;
}

void contents::put(std::size_t collection, const item& what) {
  models[collection].put(what.key, what.vector, what.metadata);
  gone[collection].erase(what.key);
}

void contents::remove(std::size_t collection, const std::string& key) {
  if (models[collection].remove(key))
    gone[collection].insert(key);
}

void apply(const step& what, contents& to) {
  for (const auto& each : what.puts)
    to.put(what.collection, each);
  for (const auto& each : what.removals)
    to.remove(what.collection, each);
}

std::vector<step> steps_before_closing() {
  return {puts(0, 0, items_before_base, 1),
          puts(1, 0, items_before_base / 2, 1),
          puts(0, 5, 30, 2, 4),
          removals(0, 3, 20, 5),
          {0, {}, {}, true},
          {1, {}, {}, true},
          puts(0, items_before_base, items_after_base, 3),
          puts(1, items_before_base, items_after_base / 2, 3),
          puts(0, 1, 20, 4, 7),
          puts(1, 1, 10, 4, 7),
          removals(0, 2, 15, 9),
          removals(1, 2, 8, 9),
          // What was removed comes back.
          puts(0, 3, 5, 5, 5)};
}

std::vector<step> steps_in_wal() {
  std::vector<step> made;
  for (std::uint32_t i = 0; i < 12; ++i) {
    made.push_back(puts(i % 2, 10 * i, 3, 10 + i, 3));
    made.push_back(removals(i % 2, 4 + 10 * i, 2, 3));
  }
  return made;
}

good_file make_good_file(const std::string& directory) {
  const auto path = directory + "/good.lodge";
  good_file made;
  const auto before = made_in_child([&] {
    auto db = database::open(path, only_on_request()).or_exit();
    auto numbers = run_steps(db, steps_before_closing());
    db.close().or_exit();
    return numbers;
  });
  made.closed = bytes_of(path);
  const auto numbers = made_in_child([&] {
    auto db = database::open(path, only_on_request()).or_exit();
    auto said = run_steps(db, steps_in_wal());
    // As a crash leaves them; the collections' first use changes nothing in the file.
    write_bytes(directory + "/main", bytes_of(path));
    write_bytes(directory + "/wal", bytes_of(path + "-wal"));
    return said;
  });
  made.main = bytes_of(directory + "/main");
  made.wal = bytes_of(directory + "/wal");
  contents now;
  for (const auto& each : steps_before_closing())
    apply(each, now);
  made.states.emplace_back(last_number(before), now);
  std::istringstream in{numbers};
  for (const auto& each : steps_in_wal()) {
    apply(each, now);
    in >> made.states.emplace_back(0, now).first;
  }
  return made;
}

} // namespace lodge::test
