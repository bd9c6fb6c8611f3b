#pragma once

#include "tests/torture/cells.hpp"
#include "tests/torture/journal.hpp"

#include <lodge/database.hpp>

#include <map>
#include <random>

namespace lodge::torture {

/// Who of all processes, and in which of its lives.
struct client_name {
  unsigned client = 0;
  unsigned life = 0;
};

/// Random operations on one database, each journaled; looks at what it reads as hard as it can. Cries out if something
/// is wrong.
///
/// **Concurrency**: one thread; other clients use the same handles.
class client {
public:
  client(const cell_list& cells, const journal& notes, client_name who, std::uint64_t seed);

  /// Every other operation is a compaction from now on.
  void prefer_compactions() { prefers_compactions_ = true; }
  /// One operation.
  void step(database& db, collection& things);

private:
  /// What a cell that only this client writes holds, if all of its answers were definite.
  struct content {
    bool present = false;
    std::uint64_t vector_of = 0;
    std::uint64_t operation = 0;
    std::uint64_t number = 0;
  };

  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  std::uint32_t within(cell_list::range cells) { return cells.first + below(cells.last - cells.first); }
  /// A cell of the shared or of the own ones that is in the collection of things.
  std::uint32_t any_cell();
  bool is_own(std::uint32_t cell) const;

  void put(collection& things, std::uint32_t cell);
  void remove(collection& things, std::uint32_t cell);
  void put_if(collection& things, std::uint32_t cell);
  void change_metadata(collection& things, std::uint32_t cell);
  void put_collection(database& db);
  void drop_collection(database& db);
  void read(const collection& things, std::uint32_t cell) const;
  void search_exactly(const collection& things, std::uint32_t cell) const;
  void search_the_graph(const collection& things);
  void compact(collection& things);

  entry ask(std::uint32_t cell, entry::action what);
  /// Notes the answer and what is known of the cell from now on.
  void settle(entry asked, const error& why, position at, std::uint64_t changes);
  /// An error of a call that changes nothing.
  void excuse(const error& why, const std::string& during) const;
  [[noreturn]] void cry(const std::string& what) const;
  search_options fresh() const;

  const cell_list& cells_;
  const journal& notes_;
  client_name who_;
  std::mt19937_64 random_;
  bool prefers_compactions_ = false;
  std::uint64_t calls_ = 0;
  std::map<std::uint32_t, content> known_;
  /// The newest position that was acknowledged, and the last change of things.
  position last_;
  std::uint64_t last_written_ = 0;
};

/// The items that an operation puts into a cell.
std::vector<item> items_of(const cell& where, std::uint64_t vector_of, std::uint64_t operation);

} // namespace lodge::torture
