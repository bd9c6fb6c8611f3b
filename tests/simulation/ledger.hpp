#pragma once

#include <lodge/error.hpp>

#include "tests/simulation/history.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lodge::test {

/// A write as a client asked for it.
struct write_order {
  enum class kind : std::uint8_t { put, put_if, update_metadata, remove };
  /// How its answer was: none yet, done, not done, or nobody knows.
  enum class state : std::uint8_t { open, done, refused, unknown };

  /// From 1, in the order of asking.
  std::uint64_t id = 0;
  unsigned process = 0;
  std::uint64_t collection = 0;
  kind what = kind::put;
  /// The metadata of each says which write it is of.
  std::vector<item> items = {};
  std::vector<std::string> keys = {};
  std::uint64_t expected = 0;
  state now = state::open;
  /// Its first change in the file, 0 for none, and how many there are.
  std::uint64_t first = 0;
  std::uint64_t changes = 0;
};

/// Who wrote what: each change in the file must be part of a write that somebody asked for, whole, and each answer must
/// agree with the file.
class ledger {
public:
  explicit ledger(const history& file) : file_(file) {}

  /// Names the metadata of an item of the next order.
  std::string token(std::size_t item) const;
  std::uint64_t note(write_order order);
  const write_order& order(std::uint64_t id) const { return orders_.at(id - 1); }

  /// Changes that one step of a process committed, before the history takes the first of them.
  void begin_step(unsigned process) { stepping_ = process; }
  /// One of these changes, which the history has not taken yet.
  void take(const change& what);
  void end_step();

  void done(std::uint64_t id, std::uint64_t last_number);
  void removed(std::uint64_t id, std::uint64_t count, std::uint64_t last_number);
  /// It was answered with an error.
  void failed(std::uint64_t id, const error& why);
  /// The process is gone, and with it the answers that it owed.
  void lose(unsigned process);
  /// Every removal in the file is one that somebody asked for, and that is there wholly.
  void settle();

private:
  struct removal_seen {
    unsigned process = 0;
    std::uint64_t collection = 0;
    std::string key;
    std::uint64_t order = 0;
  };

  void take_put(const change& what);
  /// The keys of a removal that were there at that number.
  std::vector<std::string> present(const write_order& of, std::uint64_t number) const;
  bool fits(const write_order& of, std::uint64_t first) const;
  void claim(write_order& by, std::uint64_t first, std::uint64_t count);

  const history& file_;
  unsigned stepping_ = 0;
  std::vector<write_order> orders_;
  /// Puts that the present step began to do.
  std::vector<std::uint64_t> touched_;
  std::map<std::uint64_t, removal_seen> removals_;
  /// By process and collection: the last put that was done.
  std::map<std::pair<unsigned, std::uint64_t>, std::uint64_t> last_done_;
};

} // namespace lodge::test
