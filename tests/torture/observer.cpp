#include "tests/torture/observer.hpp"

#include "tests/torture/outcry.hpp"
#include "tests/torture/plan.hpp"
#include "tests/torture/worker.hpp"

#include <lodge/check.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace lodge::torture {

namespace {

template <class T>
T must(result<T> done, const std::string& doing) {
  if (!done)
    cry_out("after all had ended, " + doing + " got " + to_string(done.error()));
  return *std::move(done);
}

void require(bool is_so, const std::string& otherwise) {
  if (!is_so)
    cry_out("after all had ended, " + otherwise);
}

std::vector<record> all_records(const collection& of) {
  std::vector<record> records;
  for (bool more = true; more;) {
    auto page = must(of.scan(records.empty() ? "" : records.back().key, 1'000), "scan");
    std::ranges::move(page.records, std::back_inserter(records));
    more = page.more;
  }
  return records;
}

/// The distances of the k nearest by a scan.
std::vector<double> nearest(const std::vector<record>& records, const std::vector<float>& query, std::size_t k) {
  std::vector<double> all;
  for (const auto& each : records)
    all.push_back(distance(query, *each.vector));
  k = std::min(k, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(k));
  all.resize(k);
  return all;
}

void check_exact_answers(const cell_list& cells, const collection& things, const std::vector<record>& records) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto query = vector_of(1'000 + i, 0, 1);
    const auto found = must(things.search(query, {.k = 10, .exact = true, .with_metadata = true}), "exact search");
    const auto wrong = wrong_with(cells, query, found);
    require(wrong.empty(), "exact search: " + wrong);
    const auto expected = nearest(records, query, 10);
    require(found.size() == expected.size(), "exact search gives " + std::to_string(found.size()) + " hits");
    for (std::size_t rank = 0; rank < expected.size(); ++rank)
      require(std::abs(found[rank].score - expected[rank]) < 1e-4 * (1 + expected[rank]),
              "'" + found[rank].key + "' is a hit of exact search, and others are nearer");
  }
}

/// Each by itself: never missed by exact search, and by the graph at most once in a thousand.
void check_all_are_found(const collection& things, const std::vector<record>& records) {
  std::size_t missed = 0;
  for (const auto& each : records) {
    const auto first = [&](bool exact) {
      const auto found = must(things.search(*each.vector, {.k = 1, .exact = exact}), "search");
      return found.size() == 1 && found.front().key == each.key;
    };
    if (!first(false))
      ++missed;
    require(first(true), "exact search does not find '" + each.key + "'");
  }
  require(missed <= 1 + records.size() / 1'000,
          "search misses " + std::to_string(missed) + " of " + std::to_string(records.size()));
}

/// The cells that these records make up; nothing may be left over.
void take_cells(state& seen, const cell_list& cells, const std::vector<record>& records) {
  std::map<std::uint32_t, std::vector<record>> by_cell;
  for (const auto& each : records) {
    const auto cell = cell_of(cells, each.key);
    require(cell.has_value(), "'" + each.key + "' is there");
    by_cell[*cell].push_back(each);
  }
  for (const auto& [cell, its] : by_cell) {
    const auto found = look(cells[cell], its);
    require(found.has_value(), found ? "" : found.error().detail);
    seen.cells[cell] = *found;
  }
}

void take_collection(state& seen, const cell_list& cells, database& db, const collection_info& info) {
  const auto of = must(db.collection(info.name), "collection");
  const auto records = all_records(of);
  require(must(of.size(), "size") == records.size(), "the size of '" + info.name + "' is wrong");
  take_cells(seen, cells, records);
  if (info.name == things_name) {
    check_exact_answers(cells, of, records);
    check_all_are_found(of, records);
  } else if (records.empty()) {
    const auto cell = cell_of(cells, info.name + '/');
    require(cell.has_value(), "there is a collection '" + info.name + "'");
    seen.empty.insert(*cell);
  }
  seen.number = must(of.stats(), "stats").last_number;
}

void write_state(const state& seen, const std::string& path) {
  std::ofstream out{path};
  out << seen.number << ' ' << seen.cells.size() << '\n';
  for (const auto& [cell, what] : seen.cells)
    out << cell << ' ' << what.vector_of << ' ' << what.operation << ' ' << what.number << '\n';
  for (const auto cell : seen.empty)
    out << cell << '\n';
  out.close();
  require(!out.fail(), "the state cannot be written");
}

} // namespace

int observe(const std::string& path, unsigned clients) {
  const cell_list cells{clients};
  state seen;
  {
    auto db = must(database::open(path, {.auto_compaction = {.changes = 0}}), "open");
    // A file whose makers were killed has none yet.
    must(open_things(db), "collection");
    for (const auto& info : must(db.collections(), "collections"))
      take_collection(seen, cells, db, info);
  }
  const auto sound =
    must(check(path,
               [](const finding& what) {
                 if (!what.sound)
                   std::fprintf(stderr, "torture: check: %s: %s\n", what.subject.c_str(), what.detail.c_str());
               }),
         "check");
  require(sound, "lodge check finds damage");
  write_state(seen, state_of(path));
  return 0;
}

state read_state(const std::string& path) {
  std::ifstream in{path};
  state seen;
  std::size_t count = 0;
  in >> seen.number >> count;
  for (std::uint32_t cell = 0; count > 0 && in >> cell; --count) {
    auto& what = seen.cells[cell];
    in >> what.vector_of >> what.operation >> what.number;
    what.present = true;
  }
  for (std::uint32_t cell = 0; in >> cell;)
    seen.empty.insert(cell);
  return seen;
}

} // namespace lodge::torture
